package dev.pyro.mcp;

import dev.pyro.json.JsonReader;
import dev.pyro.mcp.ParameterType.Text;
import dev.pyro.mcp.ParameterType.TextMap;
import dev.pyro.mcp.ParameterType.TextObjects;
import dev.pyro.mcp.ParameterType.WholeNumber;
import dev.pyro.model.Arguments;
import dev.pyro.model.CreateVm;
import dev.pyro.model.CreateWorkspace;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecVm;
import dev.pyro.model.NetworkPolicy;
import dev.pyro.model.PyroException;
import dev.pyro.model.Secret;
import dev.pyro.model.VmId;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceId;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters that several tools share, and what their values become. Stateless. */
final class Parameters {
    /** Linux takes no longer path. */
    static final int MAX_PATH_CHARS = 4096;

    private static final int MAX_REFERENCE_CHARS = 255;

    private static final String SECRET_VALUE = "value";
    private static final String SECRET_FILE = "file_path";

    private static final Text PATH = Text.of(1, MAX_PATH_CHARS);

    static final ToolParameter ENVIRONMENT = ToolParameter.required(
            "environment",
            Text.of(1, MAX_PATH_CHARS),
            "What is installed in the machine: debian:12 (git, curl, Python 3), debian:12-build (also compilers, cmake) or "
                    + "debian:12-base (minimal); or any container image, such as python:3.12-slim. "
                    + "The first use installs it, which takes a minute.");

    static final ToolParameter COMMAND = ToolParameter.required(
            "command",
            Text.of(1, Arguments.MAX_COMMAND_BYTES),
            "Shell command line, run by /bin/sh; pipes, && and several lines work.");

    static final ToolParameter TIMEOUT = ToolParameter.number(
            "timeout_seconds",
            ExecVm.DEFAULT_TIMEOUT.toSeconds(),
            new WholeNumber(Arguments.MIN_TIMEOUT.toSeconds(), Arguments.MAX_TIMEOUT.toSeconds()),
            "After so many seconds the command and all it started are killed; exit_code is then 124. "
                    + "Raise it for builds and tests.");

    static final ToolParameter VCPU_COUNT = ToolParameter.number(
            "vcpu_count",
            CreateVm.DEFAULT_VCPU_COUNT,
            new WholeNumber(Arguments.MIN_VCPU_COUNT, Arguments.MAX_VCPU_COUNT),
            "Virtual processors.");

    static final ToolParameter MEM_MIB = ToolParameter.number(
            "mem_mib",
            CreateVm.DEFAULT_MEM_MIB,
            new WholeNumber(Arguments.MIN_MEM_MIB, Arguments.MAX_MEM_MIB),
            "Memory in MiB.");

    static final ToolParameter TTL = ToolParameter.number(
            "ttl_seconds",
            CreateVm.DEFAULT_TTL.toSeconds(),
            new WholeNumber(Arguments.MIN_TTL.toSeconds(), Arguments.MAX_TTL.toSeconds()),
            "Seconds after its last use when it is deleted.");

    static final ToolParameter NETWORK =
            ToolParameter.flag("network", "Whether the machine can reach the internet; it is isolated otherwise.");

    static final ToolParameter ALLOW_HOST_COMPAT = ToolParameter.flag(
            "allow_host_compat",
            "Whether Linux namespaces, which isolate less, may stand in on a host that cannot run virtual machines.");

    static final ToolParameter NETWORK_POLICY = ToolParameter.text(
            "network_policy",
            NetworkPolicy.OFF.wireName(),
            Text.oneOf(Arrays.stream(NetworkPolicy.values())
                    .map(NetworkPolicy::wireName)
                    .toList()),
            "off: no network. egress: it can reach the internet, nothing reaches it. egress+published-ports: and services can "
                    + "publish ports on the host's 127.0.0.1.");

    static final ToolParameter VM_ID =
            ToolParameter.required("vm_id", Text.of(1, MAX_REFERENCE_CHARS), "The id that vm_create returned.");

    static final ToolParameter WORKSPACE_ID = ToolParameter.required(
            "workspace_id",
            Text.of(1, MAX_REFERENCE_CHARS),
            "The workspace's id or its beginning (such as ws-3f), or its name.");

    static final ToolParameter LABELS = ToolParameter.nullable(
            "labels", new TextMap(Arguments.MAX_LABELS), "Notes of your own, such as {\"task\": \"fix-parser\"}.");

    static final ToolParameter NAME = ToolParameter.nullable(
            "name",
            Text.of(1, Arguments.MAX_NAME_CHARS),
            "A name that no other workspace has; it can be given instead of the id.");

    static final ToolParameter SECRETS = ToolParameter.nullable(
            "secrets",
            new TextObjects(Arguments.MAX_SECRETS, List.of("name", SECRET_VALUE, SECRET_FILE)),
            "Values that commands may get as variables and that no output shows: each {\"name\": N, \"value\": V} or "
                    + "{\"name\": N, \"file_path\": P}, a file of the host. Prefer file_path: you need not see the value then.");

    static final ToolParameter SECRET_ENV = ToolParameter.nullable(
            "secret_env",
            new TextMap(Arguments.MAX_SECRETS),
            "Variables to set to secrets of the workspace: {\"SECRET\": \"ENV_VAR\"}.");

    static final ToolParameter USER = ToolParameter.nullable(
            "user", Text.of(1, Arguments.MAX_USER_BYTES), "User, such as app or 1000:1000; null: the image's or root.");

    static final ToolParameter RECURSIVE = ToolParameter.flag("recursive", "Whether to list everything below.");

    static final ToolParameter MAX_BYTES = ToolParameter.number(
            "max_bytes",
            WorkspaceFile.DEFAULT_MAX_BYTES,
            new WholeNumber(1, WorkspaceFile.LARGEST_MAX_BYTES),
            "The most bytes to read. At most about " + ResultBounds.MAX_CONTENT_BYTES / 1000
                    + " KB are returned, whatever is given here.");

    static final ToolParameter SNAPSHOT_NAME = ToolParameter.required(
            "snapshot_name", Text.of(1, 64), "Letters, digits, \".\", \"_\" and \"-\", such as tests-green.");

    private Parameters() {}

    /** A path in the guest that must be given. */
    static ToolParameter guestPath(String description) {
        return ToolParameter.required("path", PATH, description);
    }

    /** A path in the guest that is the root of the workspace unless it is given. */
    static ToolParameter guestPath(String name, String description) {
        return ToolParameter.text(name, Workspace.PATH, PATH, description);
    }

    /** A path on the host that must be given. */
    static ToolParameter hostPath(String name, String description) {
        return ToolParameter.required(name, PATH, description);
    }

    /** A path on the host that may be left out. */
    static ToolParameter optionalHostPath(String name, String description) {
        return ToolParameter.nullable(name, PATH, description);
    }

    /** What a machine is to be; the other parameters of {@link CreateVm} follow where a tool has them. */
    static CreateVm machine(ToolArguments arguments) {
        return CreateVm.defaults()
                .withVcpuCount(arguments.integer(VCPU_COUNT.name()))
                .withMemMib(arguments.integer(MEM_MIB.name()))
                .withTtl(arguments.seconds(TTL.name()))
                .withAllowHostCompat(arguments.flag(ALLOW_HOST_COMPAT.name()));
    }

    /** What a workspace is to be, likewise. */
    static CreateWorkspace workspace(ToolArguments arguments) {
        return CreateWorkspace.defaults()
                .withVcpuCount(arguments.integer(VCPU_COUNT.name()))
                .withMemMib(arguments.integer(MEM_MIB.name()))
                .withTtl(arguments.seconds(TTL.name()))
                .withAllowHostCompat(arguments.flag(ALLOW_HOST_COMPAT.name()))
                .withName(arguments.nullableText(NAME.name()))
                .withLabels(arguments.textMap(LABELS.name()));
    }

    static VmId vmId(ToolCall call) {
        return new VmId(call.arguments().text(VM_ID.name()));
    }

    static WorkspaceId workspaceId(ToolCall call) {
        return call.pyro().findWorkspace(call.arguments().text(WORKSPACE_ID.name()));
    }

    /**
     * Returns a path of the host; a relative one is resolved against the server's working directory.
     *
     * @param name the parameter, for a message
     */
    static Path hostPath(String name, ToolArguments arguments) {
        return hostPathOf(name, arguments.text(name));
    }

    /** The same for a parameter that may be null. */
    static @Nullable Path optionalHostPath(String name, ToolArguments arguments) {
        String value = arguments.nullableText(name);
        return value == null ? null : hostPathOf(name, value);
    }

    /** Returns the secrets that were given, with their values. */
    static List<Secret> secrets(ToolArguments arguments) {
        List<Secret> secrets = new ArrayList<>();
        for (JsonReader given : arguments.textObjects(SECRETS.name())) {
            String name = given.string("name");
            @Nullable String value = given.nullableString(SECRET_VALUE);
            @Nullable String file = given.nullableString(SECRET_FILE);
            if (value == null && file != null) {
                secrets.add(Secret.file(name, hostPathOf(SECRET_FILE, file)));
            } else if (value != null && file == null) {
                secrets.add(Secret.literal(name, value));
            } else {
                throw new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        SECRETS.name() + "[" + secrets.size() + "] needs " + SECRET_VALUE + " or " + SECRET_FILE
                                + ", one of them");
            }
        }
        return secrets;
    }

    /** Returns the variable's name for each secret's name. */
    static Map<String, String> secretEnv(ToolArguments arguments) {
        return arguments.textMap(SECRET_ENV.name());
    }

    /** Returns the user that was given, or null. */
    static @Nullable String user(ToolArguments arguments) {
        return arguments.nullableText(USER.name());
    }

    private static Path hostPathOf(String name, String value) {
        try {
            return Path.of(value).toAbsolutePath();
        } catch (InvalidPathException e) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT, name + " is no path: \"" + Arguments.printable(value) + "\"", e);
        }
    }
}
