package dev.pyro.runtime;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.os.FileStatus;
import dev.pyro.store.RecordFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * What the small file says that leads from a build of this program and a choice of kernel to a finished bundle: a warm start reads it
 * and looks at three files' status, no more.
 *
 * @param bundle the bundle
 * @param kernelBytes the size of its kernel
 * @param initramfsBytes the size of its initial RAM disk
 * @param agentBytes the size of its agent
 * @param stamps each finished file's {@link FileStatus#stamp} under its name; empty in records of older versions
 */
record BundleRecord(
        RuntimeBundle bundle, long kernelBytes, long initramfsBytes, long agentBytes, Map<String, String> stamps) {
    static final String KERNEL = "kernel";
    static final String INITRAMFS = "initramfs";
    static final String AGENT = "pyro-agent";

    private static final int FORMAT = 1;
    private static final String ALGORITHM = "sha256:";
    private static final int DIGEST_DIGITS = 64;

    BundleRecord {
        stamps = Map.copyOf(stamps);
    }

    /** The record of a finished bundle in a folder. */
    static BundleRecord of(Path folder, String digest, String kernelRelease) throws IOException {
        RuntimeBundle bundle = bundle(folder, digest, kernelRelease);
        return new BundleRecord(
                bundle,
                Files.size(bundle.kernel()),
                Files.size(bundle.initramfs()),
                Files.size(bundle.agent()),
                Map.of(
                        KERNEL, FileStatus.of(bundle.kernel()).stamp(),
                        INITRAMFS, FileStatus.of(bundle.initramfs()).stamp(),
                        AGENT, FileStatus.of(bundle.agent()).stamp()));
    }

    private static RuntimeBundle bundle(Path folder, String digest, String kernelRelease) {
        return new RuntimeBundle(
                digest, kernelRelease, folder.resolve(KERNEL), folder.resolve(INITRAMFS), folder.resolve(AGENT));
    }

    String toJson() {
        JsonValue.Builder files = JsonObject.builder();
        stamps.forEach((name, stamp) -> files.put(name, stamp));
        return Json.writePretty(JsonObject.builder()
                        .put("format_version", FORMAT)
                        .put("digest", bundle.digest())
                        .put("kernel_release", bundle.kernelRelease())
                        .put("kernel_bytes", kernelBytes)
                        .put("initramfs_bytes", initramfsBytes)
                        .put("agent_bytes", agentBytes)
                        .put("files", files.build())
                        .build())
                + "\n";
    }

    /** Reads a record; empty when it does not exist, cannot be understood, or its bundle is not whole: it is built again then. */
    static Optional<BundleRecord> read(Path file, Path runtimes) throws IOException {
        try {
            JsonReader json = RecordFile.read(file);
            if (json.number("format_version") != FORMAT) {
                return Optional.empty();
            }
            String digest = json.string("digest");
            BundleRecord record = new BundleRecord(
                    bundle(folder(runtimes, digest), digest, json.string("kernel_release")),
                    json.number("kernel_bytes"),
                    json.number("initramfs_bytes"),
                    json.number("agent_bytes"),
                    json.find("files").isPresent() ? json.stringMap("files") : Map.of());
            return record.isWhole() ? Optional.of(record) : Optional.empty();
        } catch (NoSuchFileException | JsonFormatException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Returns the folder of the bundle with this digest. */
    static Path folder(Path runtimes, String digest) {
        String hex = digest.startsWith(ALGORITHM) ? digest.substring(ALGORITHM.length()) : "";
        if (hex.length() != DIGEST_DIGITS) {
            throw new IllegalArgumentException("no digest: " + digest);
        }
        for (int i = 0; i < DIGEST_DIGITS; i++) {
            HexFormat.fromHexDigit(hex.charAt(i));
        }
        return runtimes.resolve(hex);
    }

    boolean isWhole() {
        return isUntouched(bundle.kernel(), KERNEL, kernelBytes)
                && isUntouched(bundle.initramfs(), INITRAMFS, initramfsBytes)
                && isUntouched(bundle.agent(), AGENT, agentBytes);
    }

    private boolean isUntouched(Path file, String name, long size) {
        try {
            FileStatus status = FileStatus.of(file);
            return status.size() == size && (stamps.isEmpty() || status.stamp().equals(stamps.get(name)));
        } catch (IOException e) {
            return false;
        }
    }
}
