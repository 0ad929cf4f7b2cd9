package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.qemu.QemuCommandLine.GuestShape;
import dev.pyro.machine.qemu.QemuCommandLine.Memory;
import dev.pyro.machine.qemu.QemuCommandLine.WorkDisk;
import dev.pyro.model.Accelerator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QemuCommandLineTest {
    private static final GuestShape EMULATED = new GuestShape(Accelerator.TCG, 2, 512, NetworkMode.NONE, 2_500_000);

    @Test
    void coldBootUnderEmulation() {
        List<String> expected = new ArrayList<>(List.of("/usr/bin/qemu-system-x86_64", "-name", "guest=vm-1"));
        expected.addAll(List.of("-M", "microvm,acpi=on,memory-backend=ram0"));
        expected.addAll(List.of("-accel", "tcg,thread=multi", "-cpu", "max,-erms", "-smp", "2", "-m", "512"));
        expected.addAll(List.of("-object", "memory-backend-ram,id=ram0,size=512M"));
        expected.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"));
        expected.addAll(List.of("-bios", "qboot.rom", "-kernel", "/r/kernel", "-initrd", "/r/initramfs"));
        expected.addAll(List.of(
                "-append",
                "console=ttyS0 quiet reboot=t panic=-1 pci=off cryptomgr.notests mitigations=off"
                        + " tsc_early_khz=2500000 tsc=reliable no_timer_check lpj=5000000"));
        expected.addAll(List.of("-chardev", "socket,id=console,path=console,server=on,wait=off"));
        expected.addAll(List.of("-serial", "chardev:console"));
        expected.addAll(List.of("-chardev", "socket,id=qmp,path=qmp,server=on,wait=off"));
        expected.addAll(List.of("-mon", "chardev=qmp,mode=control"));
        expected.addAll(List.of(
                "-blockdev", "driver=qcow2,node-name=root,discard=unmap,file.driver=file,file.filename=../root.qcow2"));
        expected.addAll(List.of("-device", "virtio-blk-device,id=vda,drive=root,werror=report,rerror=report"));
        expected.addAll(List.of("-blockdev", "driver=null-co,node-name=work,read-zeroes=on,size=17179869184"));
        expected.addAll(List.of("-device", "virtio-blk-device,id=vdb,drive=work,werror=report,rerror=report"));
        expected.addAll(List.of("-device", "virtio-serial-device,id=ports"));
        for (int i = 0; i < 8; i++) {
            expected.addAll(List.of("-chardev", "socket,id=agent" + i + ",path=agent." + i + ",server=on,wait=off"));
            expected.addAll(List.of(
                    "-device",
                    "virtserialport,bus=ports.0,nr=" + (i + 1) + ",chardev=agent" + i + ",name=pyro.agent." + i));
        }
        expected.addAll(List.of("-object", "rng-builtin,id=rng0", "-device", "virtio-rng-device,rng=rng0"));
        expected.addAll(List.of("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"));

        assertThat(line(EMULATED, new Memory.Anonymous(), false).arguments()).containsExactlyElementsOf(expected);
    }

    @Test
    void cloneDiffersOnlyInItsMemoryAndInWaitingForAState() {
        List<String> template =
                line(EMULATED, new Memory.Shared(Path.of("/t/ram")), false).arguments();
        List<String> clone = line(EMULATED, new Memory.CopyOnWrite(Path.of("/t/ram"), false), true)
                .arguments();

        assertThat(template).contains("memory-backend-file,id=ram0,size=512M,share=on,mem-path=/t/ram");
        assertThat(clone).contains("memory-backend-file,id=ram0,size=512M,share=off,mem-path=/t/ram");
        List<String> expected = new ArrayList<>(template);
        expected.replaceAll(token -> token.replace("share=on", "share=off"));
        expected.addAll(List.of("-incoming", "defer", "-S"));
        assertThat(clone).containsExactlyElementsOf(expected);
    }

    @Test
    void newerQemuOpensTheTemplateReadOnly() {
        assertThat(line(EMULATED, new Memory.CopyOnWrite(Path.of("/t/ram"), true), true)
                        .arguments())
                .contains("memory-backend-file,id=ram0,size=512M,share=off,readonly=on,rom=off,mem-path=/t/ram");
    }

    @Test
    void kvmNeedsNoHelpWithItsClock() {
        GuestShape shape = new GuestShape(Accelerator.KVM, 1, 512, NetworkMode.NONE, 0);
        List<String> arguments = line(shape, new Memory.Anonymous(), false).arguments();

        assertThat(arguments).containsSequence("-accel", "kvm", "-cpu", "host");
        assertThat(arguments)
                .containsSequence("-append", "console=ttyS0 quiet reboot=t panic=-1 pci=off cryptomgr.notests");
    }

    @Test
    void networkIsAStreamToPassT() {
        GuestShape shape = new GuestShape(Accelerator.TCG, 1, 512, NetworkMode.EGRESS, 2_500_000);
        List<String> arguments = line(shape, new Memory.Anonymous(), false).arguments();

        assertThat(arguments)
                .containsSequence(
                        "-netdev",
                        "stream,id=net0,server=off,addr.type=unix,addr.path=passt",
                        "-device",
                        "virtio-net-device,netdev=net0,mac=52:54:00:12:34:56");
        assertThat(arguments).noneMatch(token -> token.startsWith("user,"));
    }

    @Test
    void publishedPortsComeThroughAPortOfTheirOwnBeforeAllOthers() {
        GuestShape shape = new GuestShape(Accelerator.TCG, 1, 512, NetworkMode.EGRESS_PUBLISHED, 2_500_000);
        List<String> published = line(shape, new Memory.Anonymous(), false).arguments();
        assertThat(published)
                .containsSequence(
                        "-device",
                        "virtio-serial-device,id=ports",
                        "-chardev",
                        "socket,id=relay,path=relay,server=off",
                        "-device",
                        "virtserialport,bus=ports.0,nr=9,chardev=relay,name=pyro.relay",
                        "-chardev",
                        "socket,id=agent0,path=agent.0,server=on,wait=off");
        List<String> egress = new ArrayList<>(published);
        int relay = egress.indexOf("socket,id=relay,path=relay,server=off") - 1;
        egress.subList(relay, relay + 4).clear();
        GuestShape other = new GuestShape(Accelerator.TCG, 1, 512, NetworkMode.EGRESS, 2_500_000);
        assertThat(line(other, new Memory.Anonymous(), false).arguments()).isEqualTo(egress);
    }

    @Test
    void commaInAPathIsNoSeparator() {
        assertThat(line(EMULATED, new Memory.Shared(Path.of("/a,size=1/ram")), false)
                        .arguments())
                .contains("memory-backend-file,id=ram0,size=512M,share=on,mem-path=/a,,size=1/ram");
    }

    private static QemuCommandLine line(GuestShape shape, Memory memory, boolean restored) {
        return new QemuCommandLine(
                Path.of("/usr/bin/qemu-system-x86_64"),
                "vm-1",
                shape,
                Path.of("/r/kernel"),
                Path.of("/r/initramfs"),
                memory,
                "../root.qcow2",
                new WorkDisk.Placeholder(16L << 30),
                restored);
    }
}
