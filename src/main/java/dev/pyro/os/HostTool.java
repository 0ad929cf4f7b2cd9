package dev.pyro.os;

import java.util.Optional;

/** A program or file of the host that Pyro uses, with the Debian package that brings it. */
public enum HostTool {
    QEMU("qemu-system-x86_64", "qemu-system-x86", "runs the guest", "7.2", "--version"),
    QEMU_IMG("qemu-img", "qemu-utils", "makes disk overlays", "7.2", "--version"),
    MKE2FS("mke2fs", "e2fsprogs", "builds file systems", "1.47", "-V"),
    DEBUGFS("debugfs", "e2fsprogs", "sets modes in file systems", "1.47", "-V"),
    E2FSCK("e2fsck", "e2fsprogs", "mends file systems", "1.47", "-V"),
    MMDEBSTRAP("mmdebstrap", "mmdebstrap", "builds environments from Debian packages", "", "--version"),
    BUSYBOX("busybox", "busybox-static", "gives the guest its first tools", "", ""),
    PASST("passt", "passt", "gives a guest outbound network", "", "--version"),
    BWRAP("bwrap", "bubblewrap", "runs commands in Linux namespaces", "", "--version"),
    SETPRIV("setpriv", "util-linux", "ends helpers together with Pyro and drops privileges", "", "--version"),
    SETSID("setsid", "util-linux", "detaches a machine from the terminal", "", "--version"),
    CHOOM("choom", "util-linux", "offers a sandbox first when the host runs out of memory", "", "--version"),
    PRLIMIT("prlimit", "util-linux", "bounds what each process of a sandbox takes", "", "--version"),
    UNSHARE("unshare", "util-linux", "makes namespaces", "2.38", "--version"),
    NEWUIDMAP("newuidmap", "uidmap", "lets an ordinary user build environments", "", ""),
    APT_GET("apt-get", "apt", "fetches Debian packages", "", "--version"),
    DPKG_DEB("dpkg-deb", "dpkg", "unpacks Debian packages", "", "--version"),
    ZSTD("zstd", "zstd", "unpacks layers that are compressed with zstd", "", "--version"),
    BUILDAH("buildah", "buildah", "builds environments from Dockerfiles", "1.28", "--version"),
    DEBIAN_KEYRING(
            "/usr/share/keyrings/debian-archive-keyring.gpg",
            "debian-archive-keyring",
            "proves that packages are Debian's",
            "",
            "");

    private final String program;
    private final String debianPackage;
    private final String purpose;
    private final String minimumVersion;
    private final String versionArgument;

    HostTool(String program, String debianPackage, String purpose, String minimumVersion, String versionArgument) {
        this.program = program;
        this.debianPackage = debianPackage;
        this.purpose = purpose;
        this.minimumVersion = minimumVersion;
        this.versionArgument = versionArgument;
    }

    /** Returns the program's name, or the absolute path of something that is no program. */
    public String program() {
        return program;
    }

    /** Returns the Debian package that brings it. */
    public String debianPackage() {
        return debianPackage;
    }

    /** Returns what Pyro uses it for, as the end of a sentence that begins with its name. */
    public String purpose() {
        return purpose;
    }

    /** Returns the oldest version that works, or an empty string when any does. */
    public String minimumVersion() {
        return minimumVersion;
    }

    /** Returns the argument with which it prints its version; when empty, it does so in its usage text. */
    String versionArgument() {
        return versionArgument;
    }

    /** Returns the environment variable that names another program in place of this one, or empty. */
    static Optional<String> variableOf(String program) {
        return switch (program) {
            case "qemu-system-x86_64" -> Optional.of("PYRO_QEMU");
            case "passt" -> Optional.of("PYRO_PASST");
            default -> Optional.empty();
        };
    }

    /** Tells whether it is a program, and not some other file. */
    boolean isProgram() {
        return !program.startsWith("/");
    }

    /** Tells whether it is used for some environments only, so that a host without it lacks nothing else. */
    public boolean isOptional() {
        return this == ZSTD || this == BUILDAH;
    }

    /** Tells whether only a statically linked program will do: it is copied to where no library is. */
    boolean mustBeStatic() {
        return this == BUSYBOX;
    }
}
