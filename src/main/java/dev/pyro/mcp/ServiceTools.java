package dev.pyro.mcp;

import static dev.pyro.mcp.Parameters.COMMAND;
import static dev.pyro.mcp.Parameters.SECRET_ENV;
import static dev.pyro.mcp.Parameters.USER;
import static dev.pyro.mcp.Parameters.WORKSPACE_ID;

import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.ParameterType.NumberObjects;
import dev.pyro.mcp.ParameterType.Text;
import dev.pyro.mcp.ParameterType.WholeNumber;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PublishPort;
import dev.pyro.model.PyroException;
import dev.pyro.model.ReadServiceLogs;
import dev.pyro.model.Readiness;
import dev.pyro.model.StartService;
import dev.pyro.model.Workspace;
import dev.pyro.payload.ServicePayloads;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The tools about services. Stateless. */
final class ServiceTools {
    private static final int MAX_NAME_CHARS = 64;
    private static final int MAX_ADDRESS_CHARS = 255;
    private static final int MAX_URL_CHARS = 2048;

    private static final String OLDER_OUTPUT =
            "For older lines let the command write into a file as well (`COMMAND 2>&1 | tee /tmp/out.log`), and read parts of "
                    + "that with workspace_exec: `grep -n PATTERN /tmp/out.log`.";

    private static final ToolParameter SERVICE_NAME = ToolParameter.required(
            "service_name", Text.of(1, MAX_NAME_CHARS), "Letters, digits, \".\", \"_\" and \"-\", such as web.");

    private static final ToolParameter CWD = ToolParameter.text(
            "cwd",
            Workspace.PATH,
            Text.of(1, Parameters.MAX_PATH_CHARS),
            "Where the command runs; a relative path begins in /workspace.");

    private static final ToolParameter READY_FILE =
            ToolParameter.nullable("ready_file", Text.of(1, Parameters.MAX_PATH_CHARS), "Ready when this file exists.");

    private static final ToolParameter READY_TCP = ToolParameter.nullable(
            "ready_tcp",
            Text.of(1, MAX_ADDRESS_CHARS),
            "Ready when this HOST:PORT takes connections inside the machine, such as 127.0.0.1:8080.");

    private static final ToolParameter READY_HTTP = ToolParameter.nullable(
            "ready_http",
            Text.of(1, MAX_URL_CHARS),
            "Ready when a GET of this http:// URL inside the machine is answered with 2xx or 3xx.");

    private static final ToolParameter READY_COMMAND = ToolParameter.nullable(
            "ready_command",
            Text.of(1, Arguments.MAX_COMMAND_BYTES),
            "Ready when this shell command succeeds in the service's directory.");

    private static final ToolParameter READY_TIMEOUT = ToolParameter.number(
            "ready_timeout_seconds",
            StartService.DEFAULT_READY_TIMEOUT.toSeconds(),
            new WholeNumber(Arguments.MIN_TIMEOUT.toSeconds(), Arguments.MAX_TIMEOUT.toSeconds()),
            "After so many seconds it has failed and is stopped.");

    private static final ToolParameter READY_INTERVAL = ToolParameter.number(
            "ready_interval_ms",
            StartService.DEFAULT_READY_INTERVAL.toMillis(),
            new WholeNumber(StartService.MIN_READY_INTERVAL.toMillis(), StartService.MAX_READY_INTERVAL.toMillis()),
            "How often to look.");

    private static final ToolParameter PUBLISHED_PORTS = ToolParameter.nullable(
            "published_ports",
            new NumberObjects(
                    PublishPort.MAX_PORTS, "guest_port", "host_port", new WholeNumber(1, PublishPort.MAX_PORT)),
            "TCP ports to reach at 127.0.0.1 of the host, such as [{\"guest_port\": 8080, \"host_port\": null}]; without a "
                    + "host_port a free one is chosen. Needs network_policy egress+published-ports.");

    private static final ToolParameter TAIL_LINES = ToolParameter.number(
            "tail_lines",
            ReadServiceLogs.DEFAULT_TAIL_LINES,
            new WholeNumber(0, ReadServiceLogs.MAX_TAIL_LINES),
            "How many of the last lines of each stream.");

    private static final ToolParameter ALL =
            ToolParameter.flag("all", "Whether to return all that is kept, whatever tail_lines says.");

    /** A parameter, and what its value means. */
    private record Probe(ToolParameter parameter, Function<String, Readiness> meaning) {}

    private static final List<Probe> PROBES = List.of(
            new Probe(READY_FILE, Readiness.FileExists::new),
            new Probe(READY_TCP, Readiness.TcpAccepts::new),
            new Probe(READY_HTTP, Readiness.HttpAnswers::new),
            new Probe(READY_COMMAND, Readiness.CommandSucceeds::new));

    private ServiceTools() {}

    static List<Tool> all() {
        return List.of(start(), list(), status(), logs(), stop());
    }

    private static Tool start() {
        return new Tool(
                "service_start",
                "Start a service",
                "Start a command that keeps running in a workspace, such as a server, and return when it is ready; "
                        + "workspace_exec would wait for its end, and kill it. Give one ready_ argument, so that it can be used at once. "
                        + "When it is not ready in time, or ends, it is stopped, and the error has its last output.",
                WorkspaceTools.FULL,
                List.of(
                        WORKSPACE_ID,
                        SERVICE_NAME,
                        COMMAND,
                        CWD,
                        READY_FILE,
                        READY_TCP,
                        READY_HTTP,
                        READY_COMMAND,
                        READY_TIMEOUT,
                        READY_INTERVAL,
                        SECRET_ENV,
                        PUBLISHED_PORTS,
                        USER),
                OutputSchemas.SERVICE,
                ToolHints.ADDS.withOpenWorld(),
                call -> {
                    ToolArguments arguments = call.arguments();
                    StartService options = StartService.defaults()
                            .withCwd(arguments.text(CWD.name()))
                            .withReadiness(readiness(arguments))
                            .withReadyTimeout(arguments.seconds(READY_TIMEOUT.name()))
                            .withReadyInterval(Duration.ofMillis(arguments.integer(READY_INTERVAL.name())))
                            .withSecretEnv(Parameters.secretEnv(arguments))
                            .withPublishedPorts(ports(arguments))
                            .withUser(Parameters.user(arguments));
                    return ToolAnswer.of(ServicePayloads.service(call.pyro()
                            .startService(
                                    Parameters.workspaceId(call),
                                    arguments.text(SERVICE_NAME.name()),
                                    arguments.text(COMMAND.name()),
                                    options)));
                });
    }

    private static Readiness readiness(ToolArguments arguments) {
        List<Probe> given = PROBES.stream()
                .filter(probe -> arguments.nullableText(probe.parameter().name()) != null)
                .toList();
        if (given.size() > 1) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "service_start takes at most one of ready_file, ready_tcp, ready_http and ready_command, not "
                            + given.stream()
                                    .map(probe -> probe.parameter().name())
                                    .collect(Collectors.joining(" and ")));
        }
        return given.stream()
                .map(probe ->
                        probe.meaning().apply(arguments.text(probe.parameter().name())))
                .findFirst()
                .orElse(Readiness.NONE);
    }

    private static List<PublishPort> ports(ToolArguments arguments) {
        return arguments.numberObjects(PUBLISHED_PORTS.name()).stream()
                .map(port -> {
                    Long hostPort = port.nullableNumber("host_port");
                    return new PublishPort(
                            port.integer("guest_port"), hostPort == null ? null : Math.toIntExact(hostPort));
                })
                .toList();
    }

    private static Tool list() {
        return Tool.about(
                WORKSPACE_ID,
                WorkspaceTools.FULL,
                "service_list",
                "List services",
                "List a workspace's services, those too that have ended, with the ports where they can be reached.",
                OutputSchemas.SERVICES,
                ToolHints.LOOKS,
                call -> ServicePayloads.list(call.pyro().listServices(Parameters.workspaceId(call))));
    }

    private static Tool status() {
        return new Tool(
                "service_status",
                "Look at a service",
                "Return what a service is now: whether it runs, how it ended, and where it can be reached.",
                WorkspaceTools.FULL,
                List.of(WORKSPACE_ID, SERVICE_NAME),
                OutputSchemas.SERVICE,
                ToolHints.LOOKS,
                call -> ToolAnswer.of(ServicePayloads.service(call.pyro()
                        .statusService(
                                Parameters.workspaceId(call), call.arguments().text(SERVICE_NAME.name())))));
    }

    private static Tool logs() {
        return new Tool(
                "service_logs",
                "Read a service's logs",
                "Return the last lines that a service wrote, also when it has ended. Of long ones the beginning is left out.",
                WorkspaceTools.FULL,
                List.of(WORKSPACE_ID, SERVICE_NAME, TAIL_LINES, ALL),
                OutputSchemas.SERVICE_LOGS,
                ToolHints.LOOKS,
                call -> {
                    ToolArguments arguments = call.arguments();
                    ReadServiceLogs options = arguments.flag(ALL.name())
                            ? ReadServiceLogs.defaults().withAll()
                            : ReadServiceLogs.defaults().withTailLines(arguments.integer(TAIL_LINES.name()));
                    return logsAnswer(ServicePayloads.logs(call.pyro()
                            .logsService(Parameters.workspaceId(call), arguments.text(SERVICE_NAME.name()), options)));
                });
    }

    /** The newest lines are those to keep. */
    static ToolAnswer logsAnswer(JsonObject payload) {
        return ToolAnswer.of(payload)
                .withNewestLast()
                .withAdvice("stdout", _ -> OLDER_OUTPUT)
                .withAdvice("stderr", _ -> OLDER_OUTPUT);
    }

    private static Tool stop() {
        return new Tool(
                "service_stop",
                "Stop a service",
                "Stop a service with all that it started, by SIGTERM and after ten seconds SIGKILL, and free its ports. Its logs stay.",
                WorkspaceTools.FULL,
                List.of(WORKSPACE_ID, SERVICE_NAME),
                OutputSchemas.SERVICE,
                ToolHints.REPLACES,
                call -> ToolAnswer.of(ServicePayloads.service(call.pyro()
                        .stopService(
                                Parameters.workspaceId(call), call.arguments().text(SERVICE_NAME.name())))));
    }
}
