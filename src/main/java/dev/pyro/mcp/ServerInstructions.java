package dev.pyro.mcp;

/** What a server tells a model about itself when a session begins: how the tools are used together. Stateless. */
public final class ServerInstructions {
    private static final String ISOLATION =
            "Nothing in a machine can see or change the host's files or processes, and there is no network unless you ask for it. ";

    private static final String ONE_SHOT =
            "vm_run runs one command in a fresh Linux machine and deletes it; nothing is kept. ";

    private static final String WORKFLOW = """
            For work on files, use a workspace:
            1. workspace_create, with seed_path to copy a project of the host in; it returns workspace_id.
            2. workspace_exec to build and test; workspace_file_list, _read, _write and workspace_patch_apply to look and edit. All are in /workspace.
            3. workspace_diff to see what changed; workspace_export copies results to the host, or hand over the patch.
            4. workspace_reset undoes everything since creation. workspace_delete when you are done.
            """;

    private static final String LIFE =
            "A workspace that is not used for ttl_seconds (600 unless you say otherwise) is deleted with all "
                    + "its files; each use starts the time anew. Commands are killed after timeout_seconds (30): raise it for builds. "
                    + "Long results are cut and say how to get the rest.";

    private ServerInstructions() {}

    /** Returns the text for a profile. */
    public static String text(ToolProfile profile) {
        return switch (profile) {
            case VM_RUN ->
                "Disposable Linux machines to run commands in. " + ISOLATION + ONE_SHOT
                        + "Put all steps into one command, such as `git clone URL x && cd x && make test` with network true. "
                        + "Commands are killed after timeout_seconds (30): raise it for builds. Of long output the middle is left out.";
            case WORKSPACE_CORE ->
                "Disposable Linux machines to work in. " + ISOLATION + ONE_SHOT + "\n" + WORKFLOW + LIFE;
            case WORKSPACE_FULL ->
                "Disposable Linux machines to work in. " + ISOLATION + ONE_SHOT + "\n" + WORKFLOW
                        + "For what lasts or asks questions, shell_open a terminal; shell_write types, shell_read waits for the answer.\n"
                        + "service_start keeps a server running, service_logs shows what it writes.\n"
                        + "snapshot_create keeps a state that workspace_reset can return to. The disk tools look into stopped workspaces.\n"
                        + LIFE;
        };
    }
}
