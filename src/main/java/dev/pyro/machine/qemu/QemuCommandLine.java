package dev.pyro.machine.qemu;

import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.WorkVolumes;
import dev.pyro.model.Accelerator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line of one QEMU process. A pure function of its components.
 *
 * <p>Sockets and the root disk are named relative to the folder that QEMU runs in, because the path of a Unix socket has
 * only 107 bytes.
 *
 * @param program the executable
 * @param name what {@code ps} shows as the guest's name
 * @param shape what must be the same in a template and in its clones
 * @param kernel the kernel
 * @param initramfs the initial RAM disk
 * @param memory where the guest's memory lives
 * @param rootDisk the qcow2 image of the root
 * @param workDisk what {@code /dev/vdb} is
 * @param restored whether the machine waits for a saved state instead of booting
 */
record QemuCommandLine(
        Path program,
        String name,
        GuestShape shape,
        Path kernel,
        Path initramfs,
        Memory memory,
        String rootDisk,
        WorkDisk workDisk,
        boolean restored) {
    /** How many connections to the agent a machine has. */
    static final int AGENT_PORTS = 8;

    static final String QMP_SOCKET = "qmp";
    static final String CONSOLE_SOCKET = "console";
    static final String NETWORK_SOCKET = "passt";
    static final String RELAY_SOCKET = "relay";

    /** The device that the guest knows as {@code /dev/vdb}. */
    static final String WORK_DEVICE = "vdb";

    private static final String SANDBOX = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

    /**
     * What must be the same in a template and in its clones.
     *
     * @param accelerator what executes the guest's instructions
     * @param vcpuCount virtual processors
     * @param memMib memory
     * @param network whether there is a network card, and a port for connections from the host
     * @param tscKhz the frequency of the host's time-stamp counter, which the guest cannot find out under emulation; 0 under KVM
     */
    record GuestShape(Accelerator accelerator, int vcpuCount, int memMib, NetworkMode network, long tscKhz) {}

    /** Where the guest's memory lives. */
    sealed interface Memory {
        /** In memory of QEMU's own. */
        record Anonymous() implements Memory {}

        /** In a file that keeps what the guest writes: a template in the making. */
        record Shared(Path file) implements Memory {}

        /**
         * In a file whose pages are copied when the guest writes to them: a clone.
         *
         * @param readOnly whether QEMU can do that with a file that it may not write (8.2 and later)
         */
        record CopyOnWrite(Path file, boolean readOnly) implements Memory {}
    }

    /** What {@code /dev/vdb} is. The guest cannot tell one from the other, as long as their sizes are the same. */
    sealed interface WorkDisk {
        /** A disk of zeros, so that a workspace's can stand in its place in a machine that comes from a template. */
        record Placeholder(long bytes) implements WorkDisk {}

        /**
         * The layers of a workspace. All are named here: what a layer's own header says of its parent was writable for the guest's
         * QEMU.
         *
         * @param chain from the one that holds everything to the head
         */
        record Layers(LayerFiles files, List<WorkVolumes.Layer> chain) implements WorkDisk {}

        /** Returns the one that a machine is to have. */
        static WorkDisk of(MachineSpec spec) {
            MachineSpec.Work work = spec.work();
            return work == null
                    ? new Placeholder(spec.workDiskBytes())
                    : new Layers(new LayerFiles(work.folder()), work.chain());
        }
    }

    /** Returns the program and its arguments. */
    List<String> arguments() {
        List<String> line = new ArrayList<>();
        line.add(program.toString());
        add(line, "-name", "guest=" + name);
        add(line, "-M", "microvm,acpi=on,memory-backend=ram0");
        boolean emulated = shape.accelerator() == Accelerator.TCG;
        add(line, "-accel", emulated ? "tcg,thread=multi" : "kvm");
        // With ERMS the guest's kernel copies by REP MOVSB, which TCG executes byte by byte: a third of the speed.
        add(line, "-cpu", emulated ? "max,-erms" : "host");
        add(line, "-smp", Integer.toString(shape.vcpuCount()));
        add(line, "-m", Integer.toString(shape.memMib()));
        add(line, "-object", memoryObject());
        line.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-bios", "qboot.rom"));
        add(line, "-kernel", kernel.toString());
        add(line, "-initrd", initramfs.toString());
        add(line, "-append", kernelArguments());
        socket(line, "console", CONSOLE_SOCKET);
        add(line, "-serial", "chardev:console");
        socket(line, "qmp", QMP_SOCKET);
        add(line, "-mon", "chardev=qmp,mode=control");
        addDisks(line);
        addPorts(line);
        add(line, "-object", "rng-builtin,id=rng0");
        add(line, "-device", "virtio-rng-device,rng=rng0");
        if (shape.network() != NetworkMode.NONE) {
            add(line, "-netdev", "stream,id=net0,server=off,addr.type=unix,addr.path=" + NETWORK_SOCKET);
            add(line, "-device", "virtio-net-device,netdev=net0,mac=" + EgressNetwork.HARDWARE_ADDRESS);
        }
        add(line, "-sandbox", SANDBOX);
        if (restored) {
            line.addAll(List.of("-incoming", "defer", "-S"));
        }
        return List.copyOf(line);
    }

    /** Returns what must be the same in a template and in its clones, whichever processes and files they are made of. */
    static String layout(Accelerator accelerator, MachineSpec spec) {
        GuestShape shape = new GuestShape(accelerator, spec.vcpuCount(), spec.memMib(), spec.network(), 0);
        Path anyFile = Path.of("any");
        QemuCommandLine line = new QemuCommandLine(
                anyFile,
                "any",
                shape,
                anyFile,
                anyFile,
                new Memory.Anonymous(),
                "any",
                new WorkDisk.Placeholder(spec.workDiskBytes()),
                false);
        return String.join(" ", line.arguments());
    }

    /** Returns the kernel's command line. */
    String kernelArguments() {
        String common = "console=ttyS0 quiet reboot=t panic=-1 pci=off cryptomgr.notests";
        if (shape.accelerator() == Accelerator.KVM) {
            return common;
        }
        return common + " " + emulatedClock(shape.tscKhz());
    }

    /**
     * Returns what a kernel must be told under emulation: it cannot calibrate its clock on this board, and hangs; and mitigations
     * of a real processor's flaws only cost time on an emulated one.
     */
    static String emulatedClock(long tscKhz) {
        return "mitigations=off tsc_early_khz=" + tscKhz + " tsc=reliable no_timer_check lpj=5000000";
    }

    private String memoryObject() {
        String size = ",id=ram0,size=" + shape.memMib() + "M";
        return switch (memory) {
            case Memory.Anonymous() -> "memory-backend-ram" + size;
            case Memory.Shared(Path file) -> "memory-backend-file" + size + ",share=on,mem-path=" + escape(file);
            case Memory.CopyOnWrite(Path file, boolean readOnly) ->
                "memory-backend-file" + size + ",share=off" + (readOnly ? ",readonly=on,rom=off" : "") + ",mem-path="
                        + escape(file);
        };
    }

    private void addDisks(List<String> line) {
        add(line, "-blockdev", "driver=qcow2,node-name=root,discard=unmap,file.driver=file,file.filename=" + rootDisk);
        // A full host disk is the guest's I/O error; by default QEMU would stop the guest, and nobody would learn why.
        add(line, "-device", "virtio-blk-device,id=vda,drive=root,werror=report,rerror=report");
        String node = switch (workDisk) {
            case WorkDisk.Placeholder(long bytes) -> {
                add(line, "-blockdev", "driver=null-co,node-name=work,read-zeroes=on,size=" + bytes);
                yield "work";
            }
            case WorkDisk.Layers(LayerFiles files, List<WorkVolumes.Layer> chain) -> {
                chain.forEach(layer -> addLayer(line, files.file(layer), layer, layer.equals(chain.getLast())));
                yield node(chain.getLast());
            }
        };
        add(line, "-device", "virtio-blk-device,id=" + WORK_DEVICE + ",drive=" + node + ",werror=report,rerror=report");
    }

    private static void addLayer(List<String> line, Path file, WorkVolumes.Layer layer, boolean head) {
        String rights = head ? ",discard=unmap" : ",read-only=on";
        // The file follows what lies on it: when a snapshot makes the head read-only, its file becomes that too.
        String fileRights = head ? ",auto-read-only=on,discard=unmap" : rights;
        add(line, "-blockdev", "driver=file,node-name=" + fileNode(layer) + ",filename=" + escape(file) + fileRights);
        Integer parent = layer.parent();
        String format =
                parent == null ? "driver=raw" : "driver=qcow2,backing=" + node(new WorkVolumes.Layer(parent, null));
        add(line, "-blockdev", format + ",node-name=" + node(layer) + ",file=" + fileNode(layer) + rights);
    }

    /** Returns the name of a layer in QEMU. */
    static String node(WorkVolumes.Layer layer) {
        return "layer" + layer.id();
    }

    /** Returns the name of a layer's file in QEMU. */
    static String fileNode(WorkVolumes.Layer layer) {
        return "layer" + layer.id() + "-file";
    }

    private void addPorts(List<String> line) {
        add(line, "-device", "virtio-serial-device,id=ports");
        if (shape.network() == NetworkMode.EGRESS_PUBLISHED) {
            // Before all others: the agent looks for it when it has found those.
            add(line, "-chardev", "socket,id=relay,path=" + RELAY_SOCKET + ",server=off");
            add(line, "-device", port(AGENT_PORTS + 1, "relay", "pyro.relay"));
        }
        for (int i = 0; i < AGENT_PORTS; i++) {
            socket(line, "agent" + i, agentSocket(i));
            // Port 0 of the bus is kept for a console.
            add(line, "-device", port(i + 1, "agent" + i, "pyro.agent." + i));
        }
    }

    private static String port(int number, String chardev, String name) {
        return "virtserialport,bus=ports.0,nr=" + number + ",chardev=" + chardev + ",name=" + name;
    }

    /** Returns the name of an agent port's socket. */
    static String agentSocket(int port) {
        return "agent." + port;
    }

    private static void socket(List<String> line, String id, String path) {
        add(line, "-chardev", "socket,id=" + id + ",path=" + path + ",server=on,wait=off");
    }

    private static void add(List<String> line, String option, String value) {
        line.add(option);
        line.add(value);
    }

    /** Within an option's value a comma is written twice. */
    private static String escape(Path path) {
        return path.toString().replace(",", ",,");
    }
}
