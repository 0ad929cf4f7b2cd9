package dev.pyro.machine.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.machine.Machine;
import dev.pyro.os.Host;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a command in a machine of namespaces cannot see, reach or do. */
class NamespaceIsolationIT {
    private static final String ID = "vm-000000000001";

    @TempDir
    static Path base;

    private static NamespaceSite site;
    private static Machine machine;

    @BeforeAll
    static void start() throws IOException {
        site = NamespaceSite.create(base);
        machine = site.start(ID, true);
    }

    @AfterAll
    static void stop() {
        machine.stop();
    }

    @Test
    void theHostsFilesAreNotThere() {
        assertThat(output("cat /etc/hostname")).isEqualTo("guest");
        assertThat(output("ls -a /root /tmp")).doesNotContain(base.getFileName().toString());
        assertThat(run("ls " + base).exitCode()).isNotZero();
        assertThat(output("ls /")).isEqualTo("bin\ndev\netc\nproc\nroot\nrun\nsys\ntmp\nusr");
        assertThat(output("cat /proc/self/mountinfo"))
                .doesNotContain(base.toString())
                .doesNotContain("shared:");
    }

    @Test
    void theHostsVariablesAreNotThere() {
        assertThat(output("cat /proc/*/environ 2>/dev/null | tr '\\000' '\\n' | sed -n 's/=.*//p' | sort -u")
                        .lines())
                .isSubsetOf("HOME", "LANG", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHELL", "SHLVL", "TERM", "USER", "_");
    }

    @Test
    void theHostsProcessesAreNotThere() {
        long self = ProcessHandle.current().pid();

        assertThat(output("ps -o comm")).doesNotContain("java", "bwrap");
        assertThat(output("cat /proc/1/comm")).isNotEqualTo("systemd");
        assertThat(run("kill -0 " + self).exitCode()).isNotZero();
        run("kill -9 -1");
        assertThat(machine.isAlive()).isTrue();
        assertThat(output("echo alive")).isEqualTo("alive");
    }

    @Test
    void thereIsNoNetworkButItsOwnLoopback() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(run("nc -w 2 127.0.0.1 " + server.getLocalPort() + " < /dev/null")
                            .exitCode())
                    .isNotZero();
        }
        assertThat(output("sed -n 's/:.*//p' /proc/net/dev | tr -d ' '")).isEqualTo("lo");
        assertThat(output("cat /proc/net/route | wc -l")).isEqualTo("1");
        assertThat(run("nc -w 2 1.1.1.1 53 < /dev/null").exitCode()).isNotZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mount -t tmpfs none /root",
                "mount -o bind / /root",
                "umount /proc",
                "mknod /tmp/disk b 8 0",
                "unshare -U true",
                "unshare -m true",
                "unshare -n true",
                "hostname other",
                "ifconfig lo down",
                "echo 10 > /proc/sys/user/max_user_namespaces",
                "echo 1 > /proc/sys/vm/drop_caches",
                "echo x > /proc/sys/kernel/core_pattern",
                "test -w /proc/sysrq-trigger",
                "test -w /dev/kmsg",
                "cat /proc/1/environ",
                "ls /proc/1/root/",
                "ls /proc/1/cwd/",
                "cat /proc/1/mem",
                "ulimit -p 100000",
                "ulimit -d unlimited",
                "echo -900 > /proc/self/oom_score_adj",
                "chown 1000 /etc/original",
                "ls /pyro",
                "ls /run/newroot"
            })
    void isRefused(String command) {
        GuestShell.Outcome outcome = run(command);
        assertThat(outcome.exitCode()).as(outcome.output()).isNotZero();
    }

    @Test
    void theKernelsControlsAreNotMounted() {
        assertThat(output("ls /sys")).isEmpty();
        assertThat(output("grep -cE ' (sysfs|cgroup2?|debugfs|tracefs|securityfs|bpf) ' /proc/self/mountinfo || true"))
                .isEqualTo("0");
    }

    @Test
    void commandsHaveFewCapabilitiesAndGainNone() {
        String status = output("cat /proc/self/status");
        assertThat(status).contains("NoNewPrivs:\t1");
        // CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE SYS_CHROOT, all of the namespace
        // only.
        for (String set : List.of("CapPrm", "CapEff", "CapBnd")) {
            assertThat(status).contains(set + ":\t00000000000405fb");
        }
        assertThat(output(
                        "cp /bin/busybox /tmp/ && chmod 6755 /tmp/busybox && /tmp/busybox grep Cap /proc/self/status"))
                .contains("CapEff:\t00000000000405fb");
        assertThat(output("grep ' / / ' /proc/self/mountinfo"))
                .contains("nosuid")
                .contains("nodev");
    }

    @Test
    void theClockIsTheHosts() {
        run("date -s 2020-01-01");
        assertThat(java.time.Year.now(java.time.ZoneOffset.UTC).getValue()).isGreaterThan(2020);
    }

    @Test
    void processesAndMemoryAreBounded() {
        assertThat(output("cat /proc/self/limits"))
                .containsPattern("Max processes +4096 +4096 ")
                .containsPattern("Max core file size +0 +0 ")
                .containsPattern("Max data size +" + (1L << 30) + " +" + (1L << 30) + " ");
        assertThat(output("cat /proc/self/oom_score_adj")).isEqualTo("500");
    }

    @Test
    void thereAreNoSocketsToReach() throws IOException {
        assertThat(output("find / -xdev -type s; find /run /dev -type s")).isEmpty();
        assertThat(output("cat /proc/net/unix | grep -c pyro || true")).isEqualTo("1");

        NamespacePaths paths = new NamespacePaths(site.directory(ID));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(paths.socketFolder())))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(paths.root())))
                .as("setuid files of a guest must be out of others' reach")
                .isEqualTo("rwx------");
    }

    @Test
    void rootInsideIsAnOrdinaryUserOutside() throws IOException {
        long uid = Host.isRoot() ? NamespaceBackend.MACHINE_UID : Host.effectiveUid();

        assertThat(Files.readString(Path.of("/proc/" + machine.process().pid() + "/status")))
                .contains("\nUid:\t" + uid + "\t" + uid + "\t" + uid + "\t" + uid + "\n")
                .containsPattern(Host.isRoot() ? "\nGroups:[\t ]*\n" : "\nGroups:");
        assertThat(output("id -u")).isEqualTo("0");
    }

    @Test
    void itsMountsDoNotReachTheHost() throws IOException {
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain("/pyro/");
    }

    private static GuestShell.Outcome run(String command) {
        return GuestShell.runIn(machine, command);
    }

    private static String output(String command) {
        return run(command).output();
    }
}
