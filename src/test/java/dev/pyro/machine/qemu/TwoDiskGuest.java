package dev.pyro.machine.qemu;

import dev.pyro.agent.AgentClient;
import dev.pyro.machine.BusyboxRoot;
import dev.pyro.os.HostCommand;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An emulated guest with two raw disks that a test may look at from outside, also while the guest runs. */
final class TwoDiskGuest implements AutoCloseable {
    private static final Duration TOOL_BOUND = Duration.ofSeconds(60);
    private static final Duration BOOT_BOUND = Duration.ofMinutes(2);
    private static final int PORTS = 8;

    private final Path folder;
    private final Process process;

    private TwoDiskGuest(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    /** Boots a guest; its files stay in the folder. */
    static TwoDiskGuest start(Path folder) throws IOException {
        BusyboxRoot root = new BusyboxRoot(Files.createDirectories(folder.resolve("root")));
        root.create();
        return start(folder, root.image(), QemuSite.guestImage());
    }

    /** Boots a guest from a copy of a root's image. */
    static TwoDiskGuest start(Path folder, Path rootImage, GuestImage image) throws IOException {
        Files.copy(rootImage, folder.resolve("root.raw"));
        tool("mke2fs", "-q", "-t", "ext4", folder.resolve("work.raw").toString(), "64M");
        long tscKhz = Long.parseLong(tool(image.agent().toString(), "--tsc-khz").strip());
        StringBuilder line = new StringBuilder("qemu-system-x86_64 -M microvm,acpi=on -accel tcg -cpu max,-erms -m 192"
                + " -nodefaults -no-user-config -display none -no-reboot -bios qboot.rom -serial file:console"
                + " -drive if=none,id=root,format=raw,file=root.raw -device virtio-blk-device,drive=root"
                + " -drive if=none,id=work,format=raw,file=work.raw -device virtio-blk-device,drive=work"
                + " -device virtio-serial-device,id=ports");
        for (int i = 0; i < PORTS; i++) {
            line.append(" -chardev socket,id=agent")
                    .append(i)
                    .append(",server=on,wait=off,path=agent.")
                    .append(i);
            line.append(" -device virtserialport,bus=ports.0,nr=")
                    .append(i + 1)
                    .append(",chardev=agent")
                    .append(i);
            line.append(",name=pyro.agent.").append(i);
        }
        List<String> command = new java.util.ArrayList<>(List.of(line.toString().split(" ")));
        command.addAll(List.of(
                "-kernel",
                image.kernel().toString(),
                "-initrd",
                image.initramfs().toString()));
        command.add("-append");
        command.add("console=ttyS0 quiet reboot=t panic=-1 pci=off cryptomgr.notests "
                + QemuCommandLine.emulatedClock(tscKhz));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        return new TwoDiskGuest(folder, process);
    }

    /** Opens a session on one of the guest's ports. */
    AgentClient connect(int port) {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("agent." + port));
        return AgentClient.connect("vm-disks", timeout -> SocketChannel.open(address), BOOT_BOUND);
    }

    /** Fails unless this disk's file system is sound without its journal, as it stands on the host now. */
    void checkIsClean(String disk) {
        String file = folder.resolve(disk).toString();
        String header = tool("dumpe2fs", "-h", file);
        if (header.contains("needs_recovery")) {
            throw new AssertionError(disk + " needs its journal:\n" + header);
        }
        tool("e2fsck", "-f", "-n", file);
    }

    boolean hasEnded(Duration bound) throws InterruptedException {
        return process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static String tool(String... command) {
        return HostCommand.of(TOOL_BOUND, List.of(command)).runOrFail("look after a test's disk");
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
