package dev.pyro.runtime;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.FileStatus;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * One build of a runtime bundle. The caller holds the lock.
 *
 * @param paths where it is built and kept
 * @param agent the guest agent
 * @param kernels where a kernel may come from, the best first
 * @param busybox the host's static busybox
 */
record BundleBuild(PyroPaths paths, AgentProgram agent, List<KernelSource> kernels, Path busybox) {
    /** What the names of folders under construction begin with. */
    static final String STAGING_PREFIX = "runtime";

    private static final List<String> FILES = List.of(BundleRecord.KERNEL, BundleRecord.INITRAMFS, BundleRecord.AGENT);
    private static final String BUSYBOX_REMEDY = "install it with: apt-get install busybox-static";

    BundleRecord run(Progress.Listener listener) {
        byte[] shell = readBusybox();
        Path staging = AtomicFiles.createStaging(paths.staging(), STAGING_PREFIX);
        try {
            Path fetched = AtomicFiles.createDirectories(staging.resolve("fetched"));
            Path folder = AtomicFiles.createDirectories(staging.resolve("bundle"));
            Kernel kernel = obtainKernel(fetched, listener);
            listener.onProgress(Progress.of("setup", "initramfs", kernel.release()));
            List<ModuleFile> modules = KernelModules.select(kernel.release(), kernel.modules());
            Files.write(
                    folder.resolve(BundleRecord.KERNEL),
                    KernelImage.read(kernel.image()).bootable());
            Initramfs.write(folder.resolve(BundleRecord.INITRAMFS), agent.content(), shell, modules);
            Path program = Files.write(folder.resolve(BundleRecord.AGENT), agent.content());
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
            String digest = digest(folder);
            for (String file : FILES) {
                sync(folder.resolve(file));
            }
            Path target = BundleRecord.folder(paths.runtimes(), digest);
            if (!isIntact(target, folder, digest)) {
                AtomicFiles.deleteTree(target);
                AtomicFiles.publish(folder, target);
            }
            return BundleRecord.of(target, digest, kernel.release());
        } catch (IOException e) {
            throw AtomicFiles.failure("build the guest's kernel and initramfs in", staging, e);
        } finally {
            AtomicFiles.deleteTree(staging);
        }
    }

    private Kernel obtainKernel(Path fetched, Progress.Listener listener) {
        List<String> reasons = new ArrayList<>();
        PyroException last = null;
        for (KernelSource source : kernels) {
            Path folder = AtomicFiles.createDirectories(fetched.resolve(Integer.toString(reasons.size())));
            try {
                return source.obtain(folder, listener);
            } catch (PyroException e) {
                if (e.code() != ErrorCode.RUNTIME_UNAVAILABLE && e.code() != ErrorCode.HOST_TOOL_FAILED) {
                    throw e;
                }
                reasons.add(e.getMessage());
                last = e;
            } catch (IOException e) {
                PyroException failure = AtomicFiles.failure("unpack a kernel in", folder, e);
                if (failure.code() == ErrorCode.DISK_FULL || failure.code() == ErrorCode.INTERRUPTED) {
                    throw failure;
                }
                reasons.add(failure.getMessage());
                last = failure;
            }
        }
        if (last != null && kernels.size() == 1) {
            throw last;
        }
        throw new PyroException(
                ErrorCode.RUNTIME_UNAVAILABLE,
                "no kernel for the guest can be had:\n  " + String.join("\n  ", reasons)
                        + "\nConnect this host to its package mirror and try again, or set PYRO_KERNEL (and"
                        + " PYRO_KERNEL_MODULES) to a kernel for x86_64 virtual machines.",
                last);
    }

    private byte[] readBusybox() {
        try {
            byte[] program = Files.readAllBytes(busybox);
            if (ElfFile.parse(program).isStatic()) {
                return program;
            }
            throw new PyroException(
                    ErrorCode.HOST_TOOL_MISSING,
                    busybox + " is not the static busybox that the guest needs; " + BUSYBOX_REMEDY);
        } catch (NoSuchFileException e) {
            throw new PyroException(
                    ErrorCode.HOST_TOOL_MISSING,
                    "the static busybox that the guest needs is missing (" + busybox + "); " + BUSYBOX_REMEDY,
                    e);
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.HOST_TOOL_MISSING,
                    "the busybox at " + busybox + " cannot be used (" + e.getMessage() + "); " + BUSYBOX_REMEDY,
                    e);
        }
    }

    /** Only the record that leads to a bundle may be lost; the bundle itself may be in use then, and stays. */
    private static boolean isIntact(Path there, Path built, String digest) {
        try {
            for (String file : FILES) {
                if (FileStatus.of(there.resolve(file)).mode()
                        != FileStatus.of(built.resolve(file)).mode()) {
                    return false;
                }
            }
            // The digest does not cover this copy of the agent.
            return digest(there).equals(digest)
                    && Files.mismatch(there.resolve(BundleRecord.AGENT), built.resolve(BundleRecord.AGENT)) == -1;
        } catch (IOException e) {
            return false;
        }
    }

    private static String digest(Path folder) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new PyroException(ErrorCode.INTERNAL, "this Java has no SHA-256", e);
        }
        // The agent is within the initial RAM disk.
        for (String file : List.of(BundleRecord.KERNEL, BundleRecord.INITRAMFS)) {
            Path path = folder.resolve(file);
            digest.update((file + " " + Files.size(path) + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
            try (InputStream stream = new DigestInputStream(Files.newInputStream(path), digest)) {
                stream.transferTo(OutputStream.nullOutputStream());
            }
        }
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    /** Flushes a file and its attributes to the disk. */
    static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
