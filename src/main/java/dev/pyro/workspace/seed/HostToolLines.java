package dev.pyro.workspace.seed;

import java.nio.file.Path;
import java.util.List;

/** The command lines of the host's find, tar and mv. Stateless. */
final class HostToolLines {
    /** What {@link #scan} prints of each entry, each field ended by a NUL; the first one says whether it can be read. */
    static final int SCAN_FIELDS = 12;

    private HostToolLines() {}

    /** Lists everything below a folder. The folder may be given by a link. */
    static List<String> scan(Path folder) {
        return List.of(
                "find",
                "-H",
                folder.toString(),
                "-mindepth",
                "1",
                "(",
                "(",
                "(",
                "-type",
                "f",
                "!",
                "-readable",
                ")",
                "-o",
                "(",
                "-type",
                "d",
                "!",
                "(",
                "-readable",
                "-executable",
                ")",
                ")",
                ")",
                "-printf",
                "u",
                "-o",
                "-printf",
                "r",
                ")",
                "-printf",
                "%y\\0%m\\0%s\\0%b\\0%n\\0%U\\0%G\\0%T@\\0%C@\\0%D:%i\\0%P\\0%l\\0");
    }

    /** Archives the files whose names, each ended by a NUL, stand in a list. */
    static List<String> archive(Path folder, Path list) {
        return List.of(
                "tar",
                "--create",
                "--file=-",
                "--format=gnu",
                "--sparse",
                "--no-acls",
                "--no-selinux",
                "--no-xattrs",
                "--directory=" + folder,
                "--null",
                "--verbatim-files-from",
                "--no-recursion",
                "--files-from=" + list);
    }

    /** Unpacks our own stream as root in the build namespace: everything is as the stream says. */
    static List<String> unpackAsIs(Path folder) {
        return List.of(
                "tar",
                "--extract",
                "--file=-",
                "--directory=" + folder,
                "--preserve-permissions",
                "--same-owner",
                "--numeric-owner",
                "--delay-directory-restore",
                "--no-acls",
                "--no-selinux",
                "--no-xattrs");
    }

    /** Unpacks our own stream for the user who runs this process: the files are his, and his umask counts. It goes to where it runs. */
    static List<String> unpackForCaller() {
        return List.of(
                "tar",
                "--extract",
                "--file=-",
                "--keep-old-files",
                "--no-same-permissions",
                "--no-same-owner",
                "--delay-directory-restore",
                "--no-acls",
                "--no-selinux",
                "--no-xattrs");
    }

    /** Gives something another name in one step, unless that name is taken. Its exit code says nothing: see whether the old name is gone. */
    static List<String> rename(Path from, Path to) {
        return List.of("mv", "--no-clobber", "--no-target-directory", "--", from.toString(), to.toString());
    }
}
