package dev.pyro.machine.namespace;

import dev.pyro.model.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The settings with which a system forbids namespaces to ordinary users. Those that a kernel does not know are empty.
 *
 * @param unprivilegedUserns Debian's and Arch's own {@code kernel.unprivileged_userns_clone}
 * @param apparmorRestrictUserns Ubuntu's {@code kernel.apparmor_restrict_unprivileged_userns}
 * @param maxUserNamespaces {@code user.max_user_namespaces}
 */
record KernelSettings(
        OptionalLong unprivilegedUserns, OptionalLong apparmorRestrictUserns, OptionalLong maxUserNamespaces) {

    /** Reads them from {@code /proc/sys} or a folder like it. */
    static KernelSettings read(Path procSys) {
        return new KernelSettings(
                number(procSys.resolve("kernel/unprivileged_userns_clone")),
                number(procSys.resolve("kernel/apparmor_restrict_unprivileged_userns")),
                number(procSys.resolve("user/max_user_namespaces")));
    }

    /** Returns the setting that forbids user namespaces to an ordinary user, if one does. */
    Optional<Problem> obstacle() {
        if (maxUserNamespaces.orElse(1) == 0) {
            return Optional.of(new Problem(
                    "the kernel allows no user namespaces (user.max_user_namespaces is 0)",
                    "run: sudo sysctl -w user.max_user_namespaces=15000"));
        }
        if (unprivilegedUserns.orElse(1) == 0) {
            return Optional.of(new Problem(
                    "the kernel forbids user namespaces to ordinary users (kernel.unprivileged_userns_clone is 0)",
                    "run: sudo sysctl -w kernel.unprivileged_userns_clone=1"));
        }
        if (apparmorRestrictUserns.orElse(0) != 0) {
            return Optional.of(new Problem(
                    "AppArmor restricts user namespaces of ordinary users "
                            + "(kernel.apparmor_restrict_unprivileged_userns is 1)",
                    "load an AppArmor profile that allows bwrap `userns`, or run: "
                            + "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"));
        }
        return Optional.empty();
    }

    private static OptionalLong number(Path file) {
        try {
            return OptionalLong.of(Long.parseLong(Files.readString(file).strip()));
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
