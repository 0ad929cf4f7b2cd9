package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CommonOptions;
import dev.pyro.model.Readiness;
import dev.pyro.model.StartService;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The options that say how to find out that a service is ready. Stateless. */
final class ReadinessOptions {
    private static final String FILE = "--ready-file";
    private static final String TCP = "--ready-tcp";
    private static final String HTTP = "--ready-http";
    private static final String COMMAND = "--ready-command";
    private static final String TIMEOUT = "--ready-timeout-seconds";
    private static final String INTERVAL = "--ready-interval-ms";

    /** An option, and what its value means. */
    private record Kind(String option, Function<String, Readiness> meaning) {}

    private static final List<Kind> KINDS = List.of(
            new Kind(FILE, Readiness.FileExists::new),
            new Kind(TCP, Readiness.TcpAccepts::new),
            new Kind(HTTP, Readiness.HttpAnswers::new),
            new Kind(COMMAND, Readiness.CommandSucceeds::new));

    private ReadinessOptions() {}

    static void addTo(CommandSpec spec) {
        spec.addOption(
                CommonOptions.text(FILE, "PATH", "Ready when this file exists; a relative path begins in /workspace."));
        spec.addOption(
                CommonOptions.text(TCP, "HOST:PORT", "Ready when this port takes connections, inside the machine."));
        spec.addOption(CommonOptions.text(
                HTTP, "URL", "Ready when a GET of this http:// URL, inside the machine, is answered with 2xx or 3xx."));
        spec.addOption(CommonOptions.text(
                COMMAND, "COMMAND", "Ready when this shell command succeeds in the service's directory."));
        spec.addOption(CommonOptions.number(
                TIMEOUT,
                StartService.DEFAULT_READY_TIMEOUT.toSeconds(),
                "After this time it has failed and is stopped, 1 to 86400"));
        spec.addOption(CommonOptions.number(
                INTERVAL, StartService.DEFAULT_READY_INTERVAL.toMillis(), "How often to look, 10 to 60000"));
    }

    /** @throws ParameterException when more than one probe is given */
    static StartService apply(ParseResult parsed, StartService options) {
        List<Kind> given = KINDS.stream()
                .filter(kind -> parsed.hasMatchedOption(kind.option()))
                .toList();
        if (given.size() > 1) {
            throw new ParameterException(
                    parsed.commandSpec().commandLine(),
                    "give at most one of " + FILE + ", " + TCP + ", " + HTTP + " and " + COMMAND + ", not "
                            + given.stream().map(Kind::option).collect(Collectors.joining(" and ")));
        }
        StartService timed = options.withReadyTimeout(Duration.ofSeconds(
                        parsed.matchedOptionValue(TIMEOUT, (int) StartService.DEFAULT_READY_TIMEOUT.toSeconds())))
                .withReadyInterval(Duration.ofMillis(
                        parsed.matchedOptionValue(INTERVAL, (int) StartService.DEFAULT_READY_INTERVAL.toMillis())));
        return given.stream()
                .map(kind -> kind.meaning().apply(parsed.matchedOptionValue(kind.option(), "")))
                .map(timed::withReadiness)
                .findFirst()
                .orElse(timed);
    }
}
