package dev.pyro.mcp;

import static dev.pyro.mcp.Parameters.MAX_BYTES;
import static dev.pyro.mcp.Parameters.RECURSIVE;
import static dev.pyro.mcp.Parameters.WORKSPACE_ID;

import dev.pyro.mcp.ParameterType.Text;
import dev.pyro.model.WorkspaceDiff;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.model.WorkspacePatch;
import dev.pyro.payload.ByteText;
import dev.pyro.payload.WorkspaceFilePayloads;
import java.util.List;
import java.util.regex.Pattern;

/** The tools about the files of a running workspace. Stateless. */
final class FileTools {
    /** The longest patch that is taken, in characters; longer changes come with workspace_sync_push. */
    private static final int MAX_PATCH_CHARS = 1 << 20;

    private static final int MAX_ADVISED_PATH_CHARS = 255;

    private static final Pattern PLAIN_PATH =
            Pattern.compile("[A-Za-z0-9_@%+=:,./-]{1," + MAX_ADVISED_PATH_CHARS + "}");

    private static final String PATH = "path";
    private static final String ENTRIES = "entries";

    private static final ToolParameter SOURCE_PATH = Parameters.hostPath(
            "source_path",
            "A directory, .tar, .tar.gz or .tgz on the host. Give an absolute path; a relative one starts at the server's "
                    + "working directory.");

    private static final ToolParameter DEST =
            Parameters.guestPath("dest", "The directory in /workspace to copy into; it is made when missing.");

    private static final ToolParameter OUTPUT_PATH = Parameters.hostPath(
            "output_path",
            "Where to put it on the host; nothing may be there yet, its folder must exist. Give an absolute path; a relative "
                    + "one starts at the server's working directory.");

    private static final ToolParameter TEXT = ToolParameter.required(
            "text",
            Text.of(0, WorkspaceFile.LARGEST_MAX_BYTES),
            "The file's whole content, at most 1 MiB; it takes the place of what was there.");

    private static final ToolParameter PATCH = ToolParameter.required(
            "patch",
            Text.of(1, MAX_PATCH_CHARS),
            "A unified diff as git diff or diff -u writes it, with paths relative to /workspace.");

    private FileTools() {}

    static List<Tool> all() {
        return List.of(syncPush(), export(), diff(), list(), read(), write(), patchApply());
    }

    private static Tool syncPush() {
        return new Tool(
                "workspace_sync_push",
                "Copy host files into a workspace",
                "Copy the content of a directory or archive of the host into a running workspace: all of it or nothing. "
                        + "Files of the same name are overwritten, others stay. For single text files use workspace_file_write.",
                WorkspaceTools.CORE,
                List.of(WORKSPACE_ID, SOURCE_PATH, DEST),
                OutputSchemas.SYNC,
                ToolHints.REPLACES.withOpenWorld(),
                call -> ToolAnswer.of(WorkspaceFilePayloads.sync(call.pyro()
                        .pushWorkspaceSync(
                                Parameters.workspaceId(call),
                                Parameters.hostPath(SOURCE_PATH.name(), call.arguments()),
                                call.arguments().text(DEST.name()),
                                call.progress()))));
    }

    private static Tool export() {
        return new Tool(
                "workspace_export",
                "Copy workspace files to the host",
                "Copy a file or directory of a running workspace to the host. It never overwrites. "
                        + "To hand over changed text only, workspace_diff returns a patch.",
                WorkspaceTools.CORE,
                List.of(
                        WORKSPACE_ID,
                        Parameters.guestPath("What to copy, in /workspace, such as /workspace/dist."),
                        OUTPUT_PATH),
                OutputSchemas.EXPORT,
                ToolHints.ADDS.withOpenWorld(),
                call -> ToolAnswer.of(WorkspaceFilePayloads.export(call.pyro()
                        .exportWorkspace(
                                Parameters.workspaceId(call),
                                call.arguments().text(PATH),
                                Parameters.hostPath(OUTPUT_PATH.name(), call.arguments())))));
    }

    private static Tool diff() {
        return new Tool(
                "workspace_diff",
                "Show what changed in a workspace",
                "Compare a running workspace's files with what they were when it was created. Returns the changed paths, counts, "
                        + "and a patch of the text files that git apply takes. Use it before you export or report a result.",
                WorkspaceTools.CORE,
                List.of(WORKSPACE_ID),
                OutputSchemas.DIFF,
                ToolHints.LOOKS,
                call -> {
                    WorkspaceDiff diff = call.pyro().diffWorkspace(Parameters.workspaceId(call));
                    return ToolAnswer.of(WorkspaceFilePayloads.diff(diff, ResultBounds.MAX_ELEMENTS))
                            .withTotal(ENTRIES, diff.entries().size())
                            .withAdvice(
                                    "patch",
                                    _ ->
                                            "So it does not apply as it is here. Read single files with workspace_file_read, copy them "
                                                    + "to the host with workspace_export, or, in a git repository, run `git diff -- FILE` with "
                                                    + "workspace_exec.")
                            .withAdvice(
                                    ENTRIES,
                                    _ ->
                                            "The counts in summary are complete. Look at single directories with workspace_file_list; "
                                                    + "when it is build output, delete that first.");
                });
    }

    private static Tool list() {
        return new Tool(
                "workspace_file_list",
                "List files of a workspace",
                "List a directory of a running workspace: paths, kinds, sizes. Large trees are cut: list one directory at a time, "
                        + "or use find or grep with workspace_exec.",
                WorkspaceTools.CORE,
                List.of(WORKSPACE_ID, Parameters.guestPath(PATH, "A directory or file in /workspace."), RECURSIVE),
                OutputSchemas.FILES,
                ToolHints.LOOKS,
                call -> listAnswer(call.pyro()
                                .listWorkspaceFiles(
                                        Parameters.workspaceId(call),
                                        call.arguments().text(PATH),
                                        call.arguments().flag(RECURSIVE.name())))
                        .withAdvice(
                                ENTRIES,
                                _ -> "List a directory below, or narrow it down with workspace_exec, such as "
                                        + "`find . -name '*.java' | head -n 300`."));
    }

    private static Tool read() {
        return new Tool(
                "workspace_file_read",
                "Read a file of a workspace",
                "Read a text file of a running workspace from its beginning. truncated says whether there is more; read parts of "
                        + "a large file with workspace_exec, such as sed -n '200,400p' FILE.",
                WorkspaceTools.CORE,
                List.of(WORKSPACE_ID, Parameters.guestPath("A file in /workspace, such as src/main.py."), MAX_BYTES),
                OutputSchemas.FILE,
                ToolHints.LOOKS,
                call -> {
                    int maxBytes = call.arguments().integer(MAX_BYTES.name());
                    WorkspaceFile file = call.pyro()
                            .readWorkspaceFile(
                                    Parameters.workspaceId(call),
                                    call.arguments().text(PATH),
                                    ResultBounds.worthReading(maxBytes));
                    return fileAnswer(file, maxBytes)
                            .withAdvice("content", kept -> "Read on with workspace_exec: " + readOn(file, kept));
                });
    }

    /** A list of which no more is put into JSON than can be returned. */
    static ToolAnswer listAnswer(WorkspaceFiles files) {
        return ToolAnswer.of(WorkspaceFilePayloads.files(files, ResultBounds.MAX_ELEMENTS))
                .withTotal(ENTRIES, files.entries().size());
    }

    /** Returns the command that reads the next part of a file. */
    static String readOn(WorkspaceFile file, long kept) {
        return "`tail -c +" + (kept + 1) + " " + shellWord(file.path()) + " | head -c " + ResultBounds.COMFORTABLE_BYTES
                + "`.";
    }

    /** Returns a path as a shell takes it; a placeholder for one that nobody would write down. */
    private static String shellWord(String path) {
        if (PLAIN_PATH.matcher(path).matches()) {
            return path;
        }
        boolean quotable = path.length() <= MAX_ADVISED_PATH_CHARS
                && path.indexOf('\'') < 0
                && path.chars().noneMatch(Character::isISOControl)
                && ByteText.visible(path).equals(path);
        return quotable ? "'" + path + "'" : "FILE";
    }

    /** A file of which no more was read than can be returned. */
    static ToolAnswer fileAnswer(WorkspaceFile file, int maxBytes) {
        return ToolAnswer.of(WorkspaceFilePayloads.file(new WorkspaceFile(
                file.workspaceId(), file.path(), file.sizeBytes(), maxBytes, file.content(), file.truncated())));
    }

    private static Tool write() {
        return new Tool(
                "workspace_file_write",
                "Write a file of a workspace",
                "Write a text file of a running workspace as a whole; missing directories are made. To change parts of a large "
                        + "file use workspace_patch_apply.",
                WorkspaceTools.CORE,
                List.of(WORKSPACE_ID, Parameters.guestPath("A file in /workspace, such as src/main.py."), TEXT),
                OutputSchemas.FILE_WRITTEN,
                ToolHints.REPLACES,
                call -> ToolAnswer.of(WorkspaceFilePayloads.fileWrite(call.pyro()
                        .writeWorkspaceFile(
                                Parameters.workspaceId(call),
                                call.arguments().text(PATH),
                                call.arguments().text(TEXT.name())))));
    }

    private static Tool patchApply() {
        return new Tool(
                "workspace_patch_apply",
                "Apply a patch to a workspace",
                "Apply a unified diff of text files to a running workspace: all of it or nothing. When it does not fit, the "
                        + "message says where. Returns the files that were added, modified and deleted.",
                WorkspaceTools.CORE,
                List.of(WORKSPACE_ID, PATCH),
                OutputSchemas.PATCHED,
                ToolHints.REPLACES.withoutIdempotence(),
                call -> {
                    WorkspacePatch patch = call.pyro()
                            .applyWorkspacePatch(
                                    Parameters.workspaceId(call),
                                    call.arguments().text(PATCH.name()),
                                    false);
                    return ToolAnswer.of(WorkspaceFilePayloads.patch(patch, ResultBounds.MAX_ELEMENTS))
                            .withTotal(ENTRIES, patch.entries().size())
                            .withAdvice(
                                    ENTRIES, _ -> "The whole patch was applied; the counts in summary are complete.");
                });
    }
}
