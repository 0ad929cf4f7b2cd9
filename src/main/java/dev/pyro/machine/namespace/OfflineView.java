package dev.pyro.machine.namespace;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The command line that looks at the files of a machine that does not run: programs of the host, in namespaces in which the kernel lays
 * the machine's folders over each other as it does when the machine runs. Nothing can be written there but what is made for it, there
 * is no network, and nothing else of the host's can be seen than its programs.
 *
 * @param tools the host's programs
 * @param lower the environment's root, or empty for a workspace alone
 * @param upper what the machine has changed of that, or empty when it never ran
 * @param work the workspace
 * @param runAs the user whom all of it belongs to, or empty for the one that this is
 */
record OfflineView(NamespaceTools tools, Optional<Path> lower, Optional<Path> upper, Path work, OptionalInt runAs) {
    /** The machine's root, seen from inside. */
    static final String TOP = "/machine";

    private static final long MAX_DATA_BYTES = 1L << 30;

    /** Where the host's programs and what they load are. */
    private static final List<String> PROGRAMS = List.of("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache");

    /** Mounting, and reading what its owner took his own rights from. */
    private static final List<String> CAPABILITIES =
            List.of("CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH");

    private static final String BODY = "cd " + TOP + "; exec \"$@\"";

    /** The first of the layers has nothing but the place for the workspace. */
    private static final String OVERLAY =
            "mount -t overlay -o userxattr,lowerdir=/pyro/top:UPPER/pyro/lower overlay " + TOP + "; ";

    private static final String WORKSPACE = "mount --bind /pyro/work " + TOP + "/workspace; ";

    /** Returns the command line that runs a command in the machine's root, with its standard input and output. */
    List<String> tokens(List<String> command) {
        List<String> tokens = new ArrayList<>();
        tokens.addAll(
                List.of(tools.prlimit().toString(), "--core=0:0", "--data=" + MAX_DATA_BYTES + ":" + MAX_DATA_BYTES));
        runAs.ifPresent(user -> tokens.addAll(List.of(
                tools.setpriv().toString(), "--reuid", "" + user, "--regid", "" + user, "--clear-groups", "--")));
        tokens.add(tools.bubblewrap().toString());
        tokens.addAll(List.of("--unshare-user", "--uid", "0", "--gid", "0"));
        tokens.addAll(List.of("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup"));
        tokens.addAll(List.of("--die-with-parent", "--new-session"));
        CAPABILITIES.forEach(capability -> tokens.addAll(List.of("--cap-add", capability)));
        PROGRAMS.forEach(path -> tokens.addAll(List.of("--ro-bind-try", path, path)));
        tokens.addAll(List.of("--proc", "/proc", "--dev", "/dev"));
        addFiles(tokens);
        tokens.addAll(List.of("--", "sh", "-euc", script() + BODY, "sh"));
        tokens.addAll(command);
        return List.copyOf(tokens);
    }

    private void addFiles(List<String> tokens) {
        if (lower.isEmpty()) {
            tokens.addAll(List.of("--ro-bind", work.toString(), TOP));
            return;
        }
        tokens.addAll(List.of("--dir", TOP, "--dir", "/pyro/top/workspace"));
        tokens.addAll(List.of("--ro-bind", lower.get().toString(), "/pyro/lower"));
        upper.ifPresent(folder -> tokens.addAll(List.of("--ro-bind", folder.toString(), "/pyro/upper")));
        tokens.addAll(List.of("--ro-bind", work.toString(), "/pyro/work"));
    }

    private String script() {
        if (lower.isEmpty()) {
            return "";
        }
        return OVERLAY.replace("UPPER", upper.isPresent() ? "/pyro/upper:" : "") + WORKSPACE;
    }
}
