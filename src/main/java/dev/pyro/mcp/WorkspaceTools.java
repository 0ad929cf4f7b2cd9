package dev.pyro.mcp;

import static dev.pyro.mcp.Parameters.ALLOW_HOST_COMPAT;
import static dev.pyro.mcp.Parameters.COMMAND;
import static dev.pyro.mcp.Parameters.ENVIRONMENT;
import static dev.pyro.mcp.Parameters.LABELS;
import static dev.pyro.mcp.Parameters.MEM_MIB;
import static dev.pyro.mcp.Parameters.NAME;
import static dev.pyro.mcp.Parameters.NETWORK_POLICY;
import static dev.pyro.mcp.Parameters.SECRETS;
import static dev.pyro.mcp.Parameters.SECRET_ENV;
import static dev.pyro.mcp.Parameters.TIMEOUT;
import static dev.pyro.mcp.Parameters.TTL;
import static dev.pyro.mcp.Parameters.USER;
import static dev.pyro.mcp.Parameters.VCPU_COUNT;
import static dev.pyro.mcp.Parameters.WORKSPACE_ID;

import dev.pyro.mcp.ParameterType.TextList;
import dev.pyro.model.Arguments;
import dev.pyro.model.CreateWorkspace;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.NetworkPolicy;
import dev.pyro.model.PyroException;
import dev.pyro.model.UpdateWorkspace;
import dev.pyro.model.WorkspaceExec;
import dev.pyro.payload.WorkspacePayloads;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The tools about workspaces as a whole and their commands. Stateless. */
final class WorkspaceTools {
    /** The profiles with workspaces. */
    static final Set<ToolProfile> CORE = EnumSet.of(ToolProfile.WORKSPACE_CORE, ToolProfile.WORKSPACE_FULL);

    /** The profile with everything. */
    static final Set<ToolProfile> FULL = EnumSet.of(ToolProfile.WORKSPACE_FULL);

    /** The newest command's output in any case, which the history keeps up to a million characters of each stream. */
    private static final long MAX_LOG_CHARS = 4L << 20;

    private static final String OLD_OUTPUT =
            "The rest is not returned here. Read the files that a command wrote with workspace_file_read, or run one that may be "
                    + "repeated again with its output in a file (`COMMAND > /tmp/out.log 2>&1`) and read parts of that.";

    private static final ToolParameter SEED_PATH = Parameters.optionalHostPath(
            "seed_path",
            "A directory, .tar, .tar.gz or .tgz on the host that is copied into /workspace, such as the project you work on. "
                    + "Give an absolute path; a relative one starts at the server's working directory.");

    private static final ToolParameter CLEAR_NAME = ToolParameter.flag("clear_name", "Whether to take the name away.");

    private static final ToolParameter CLEAR_LABELS =
            ToolParameter.nullable("clear_labels", new TextList(Arguments.MAX_LABELS), "Keys of labels to take away.");

    private WorkspaceTools() {}

    static List<Tool> all() {
        return List.of(
                create(
                        EnumSet.of(ToolProfile.WORKSPACE_CORE),
                        List.of(ENVIRONMENT, VCPU_COUNT, MEM_MIB, TTL, ALLOW_HOST_COMPAT, SEED_PATH, NAME, LABELS),
                        "It has no network.",
                        (_, options) -> options),
                create(
                        FULL,
                        List.of(
                                ENVIRONMENT,
                                VCPU_COUNT,
                                MEM_MIB,
                                TTL,
                                NETWORK_POLICY,
                                ALLOW_HOST_COMPAT,
                                SEED_PATH,
                                SECRETS,
                                NAME,
                                LABELS),
                        "It has no network unless network_policy says so.",
                        (arguments, options) -> options.withNetworkPolicy(
                                        NetworkPolicy.of(arguments.text(NETWORK_POLICY.name())))
                                .withSecrets(Parameters.secrets(arguments))),
                list(),
                update(),
                exec(
                        EnumSet.of(ToolProfile.WORKSPACE_CORE),
                        List.of(WORKSPACE_ID, COMMAND, TIMEOUT, USER),
                        _ -> Map.of()),
                exec(FULL, List.of(WORKSPACE_ID, COMMAND, TIMEOUT, SECRET_ENV, USER), Parameters::secretEnv),
                status(),
                stop(),
                start(),
                logs(),
                delete());
    }

    private static Tool create(
            Set<ToolProfile> profiles,
            List<ToolParameter> parameters,
            String network,
            BiFunction<ToolArguments, CreateWorkspace, CreateWorkspace> more) {
        return new Tool(
                "workspace_create",
                "Create a workspace",
                "Create and start a workspace: a virtual machine of its own whose files in /workspace last from call to call. "
                        + "Use it for work of several steps on files; seed_path copies a project in, and the host's copy is never changed. "
                        + network
                        + " Returns workspace_id, which the other workspace tools take. Delete it when you are done.",
                profiles,
                parameters,
                OutputSchemas.WORKSPACE,
                ToolHints.ADDS.withOpenWorld(),
                call -> {
                    ToolArguments arguments = call.arguments();
                    CreateWorkspace options = more.apply(
                            arguments,
                            Parameters.workspace(arguments)
                                    .withSeedPath(Parameters.optionalHostPath(SEED_PATH.name(), arguments)));
                    return ToolAnswer.of(WorkspacePayloads.workspace(
                            call.pyro().createWorkspace(arguments.text(ENVIRONMENT.name()), options, call.progress())));
                });
    }

    private static Tool list() {
        return new Tool(
                "workspace_list",
                "List workspaces",
                "List all workspaces with their state, newest activity first. Use it to find one that you made earlier.",
                CORE,
                List.of(),
                OutputSchemas.WORKSPACES,
                ToolHints.LOOKS,
                call -> ToolAnswer.of(WorkspacePayloads.list(call.pyro().listWorkspaces()))
                        .withAdvice("workspaces", _ -> "Look at a single one with workspace_status."));
    }

    private static Tool update() {
        return new Tool(
                "workspace_update",
                "Rename or label a workspace",
                "Change a workspace's name and labels; what is not given stays. Its files and machine are not touched.",
                CORE,
                List.of(WORKSPACE_ID, NAME, CLEAR_NAME, LABELS, CLEAR_LABELS),
                OutputSchemas.WORKSPACE,
                ToolHints.REPLACES,
                call -> {
                    ToolArguments arguments = call.arguments();
                    UpdateWorkspace changes = new UpdateWorkspace(
                            arguments.nullableText(NAME.name()),
                            arguments.flag(CLEAR_NAME.name()),
                            arguments.textMap(LABELS.name()),
                            arguments.textList(CLEAR_LABELS.name()));
                    if (changes.equals(UpdateWorkspace.nothing())) {
                        throw new PyroException(
                                ErrorCode.INVALID_ARGUMENT,
                                "there is nothing to change: give name, clear_name, labels or clear_labels");
                    }
                    return ToolAnswer.of(WorkspacePayloads.workspace(
                            call.pyro().updateWorkspace(Parameters.workspaceId(call), changes)));
                });
    }

    private static Tool exec(
            Set<ToolProfile> profiles,
            List<ToolParameter> parameters,
            Function<ToolArguments, Map<String, String>> secretEnv) {
        return new Tool(
                "workspace_exec",
                "Run a command in a workspace",
                "Run a command in /workspace of a running workspace, as root or the image's user. Files and background processes stay for the next "
                        + "command; the working directory and variables do not. Prefer the file tools to read, write and patch text. "
                        + "Returns stdout, stderr and exit_code; an exit_code other than 0 is no error of the tool. "
                        + "Of long output the middle is left out.",
                profiles,
                parameters,
                OutputSchemas.EXEC,
                ToolHints.REPLACES.withoutIdempotence().withOpenWorld(),
                call -> {
                    ToolArguments arguments = call.arguments();
                    CommandOutput output = new CommandOutput(call.output());
                    ExecWorkspace options = ExecWorkspace.defaults()
                            .withTimeout(arguments.seconds(TIMEOUT.name()))
                            .withMaxKeptBytes(0)
                            .withSecretEnv(secretEnv.apply(arguments))
                            .withUser(Parameters.user(arguments));
                    WorkspaceExec exec = call.pyro()
                            .execWorkspace(
                                    Parameters.workspaceId(call), arguments.text(COMMAND.name()), options, output);
                    return output.answer(WorkspacePayloads.exec(exec), CommandOutput.INTO_A_FILE);
                });
    }

    private static Tool status() {
        return Tool.about(
                WORKSPACE_ID,
                CORE,
                "workspace_status",
                "Look at a workspace",
                "Return one workspace: its state (started, stopped, crashed), what it was made of, its last command, when it expires.",
                OutputSchemas.WORKSPACE,
                ToolHints.LOOKS,
                call -> WorkspacePayloads.workspace(call.pyro().statusWorkspace(Parameters.workspaceId(call))));
    }

    private static Tool stop() {
        return Tool.about(
                WORKSPACE_ID,
                FULL,
                "workspace_stop",
                "Stop a workspace",
                "Stop a workspace's machine and keep all its files; processes end. The disk tools work on stopped workspaces.",
                OutputSchemas.WORKSPACE,
                ToolHints.SETS,
                call -> WorkspacePayloads.workspace(call.pyro().stopWorkspace(Parameters.workspaceId(call))));
    }

    private static Tool start() {
        return Tool.about(
                WORKSPACE_ID,
                FULL,
                "workspace_start",
                "Start a workspace",
                "Start a workspace that was stopped or has crashed, with all its files. Does nothing when it runs.",
                OutputSchemas.WORKSPACE,
                ToolHints.SETS,
                call -> WorkspacePayloads.workspace(
                        call.pyro().startWorkspace(Parameters.workspaceId(call), call.progress())));
    }

    private static Tool logs() {
        return new Tool(
                "workspace_logs",
                "Show a workspace's commands",
                "Return the commands that ended since the workspace was created or reset, with exit codes and output, "
                        + "oldest first. Of a long history the newest are returned.",
                CORE,
                List.of(WORKSPACE_ID),
                OutputSchemas.LOGS,
                ToolHints.LOOKS,
                call -> ToolAnswer.of(WorkspacePayloads.logs(
                                call.pyro().logsWorkspace(Parameters.workspaceId(call), MAX_LOG_CHARS)))
                        .withNewestLast()
                        .withAdvice("entries", _ -> OLD_OUTPUT)
                        .withAdvice("entries[].stdout", _ -> OLD_OUTPUT)
                        .withAdvice("entries[].stderr", _ -> OLD_OUTPUT));
    }

    private static Tool delete() {
        return Tool.about(
                WORKSPACE_ID,
                CORE,
                "workspace_delete",
                "Delete a workspace",
                "Delete a workspace, running or not, with its files, snapshots and history. This cannot be undone: "
                        + "export or note the diff first when you need the result.",
                OutputSchemas.WORKSPACE_DELETED,
                ToolHints.REPLACES,
                call -> WorkspacePayloads.deleted(call.pyro().deleteWorkspace(Parameters.workspaceId(call))));
    }
}
