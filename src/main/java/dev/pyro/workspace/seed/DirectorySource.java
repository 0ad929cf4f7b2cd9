package dev.pyro.workspace.seed;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.SeedMode;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.os.Host;
import dev.pyro.os.HostPipe;
import dev.pyro.tar.ByteText;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarFeed;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A directory of the host that was looked at as a whole. Immutable. */
final class DirectorySource implements TreeSource {
    private static final Duration READ_LIMIT = Duration.ofMinutes(30);
    private static final int MAX_NAMED = 3;

    private final Path asGiven;
    private final Path folder;
    private final Path scratch;
    private final DirectoryScan scan;

    private DirectorySource(Path asGiven, Path folder, Path scratch, DirectoryScan scan) {
        this.asGiven = asGiven;
        this.folder = folder;
        this.scratch = scratch;
        this.scan = scan;
    }

    /**
     * Looks at everything in a directory.
     *
     * @param scratch an existing folder for a list of names
     * @throws PyroException {@link ErrorCode#SEED_UNUSABLE}
     */
    static DirectorySource check(Path asGiven, Path scratch, SeedBounds bounds) {
        Path folder;
        try {
            folder = asGiven.toRealPath();
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.SEED_UNUSABLE, "cannot read the directory " + asGiven + ": " + reason(e), e);
        }
        if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
            throw new PyroException(
                    ErrorCode.SEED_UNUSABLE, "cannot read the directory " + asGiven + ": permission denied");
        }
        DirectoryScan scan = DirectoryScan.settled(folder, bounds);
        requireReadable(asGiven, scan);
        requireWithin(asGiven, scan, bounds);
        return new DirectorySource(asGiven, folder, scratch, scan);
    }

    private static void requireReadable(Path asGiven, DirectoryScan scan) {
        if (scan.unreadableCount() == 0) {
            return;
        }
        List<String> names = scan.unreadable().stream()
                .limit(MAX_NAMED)
                .map(ByteText::printable)
                .toList();
        long more = scan.unreadableCount() - names.size();
        throw new PyroException(
                ErrorCode.SEED_UNUSABLE,
                "cannot read everything in " + asGiven + ": permission denied for " + String.join(", ", names)
                        + (more > 0 ? " and " + more + " more" : "")
                        + "; make them readable or leave them out; nothing was written");
    }

    private static void requireWithin(Path asGiven, DirectoryScan scan, SeedBounds bounds) {
        if (scan.entryCount() > bounds.entries()) {
            throw new PyroException(
                    ErrorCode.SEED_UNUSABLE,
                    asGiven + " has " + scan.entryCount() + " entries, of which " + bounds.entries() + " are allowed"
                            + "; choose a smaller directory; nothing was written");
        }
        if (scan.diskBytes() > bounds.bytes()) {
            throw new PyroException(
                    ErrorCode.SEED_UNUSABLE,
                    asGiven + " takes " + scan.diskBytes() + " bytes, of which " + bounds.bytes() + " are allowed"
                            + "; raise --disk-mib or choose a smaller directory; nothing was written");
        }
        if (scan.nameBytes() > SeedBounds.MAX_NAME_BYTES) {
            throw new PyroException(
                    ErrorCode.SEED_UNUSABLE,
                    "the names in " + asGiven + " take more than " + (SeedBounds.MAX_NAME_BYTES >> 20)
                            + " MiB; choose a smaller directory; nothing was written");
        }
    }

    /** Says what an error with a file means. */
    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "there is no such file";
            case AccessDeniedException denied -> "permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }

    /** Tells whether its files are already as they are to be: nothing is left out, and all belong to root in the build namespace. */
    boolean isUsableAsItIs() {
        int uid = Host.effectiveUid();
        return scan.skippedCount() == 0 && scan.allBelongTo(uid, effectiveGid());
    }

    private static int effectiveGid() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
        } catch (IOException e) {
            throw new PyroException(ErrorCode.HOST_UNSUPPORTED, "cannot read /proc/self: /proc must be mounted", e);
        }
    }

    Path folder() {
        return folder;
    }

    @Override
    public WorkspaceSeed summary() {
        return new WorkspaceSeed(
                SeedMode.DIRECTORY,
                asGiven.toString(),
                scan.entryCount(),
                scan.contentBytes(),
                scan.skipped().stream().map(ByteText::printable).toList(),
                scan.skippedCount());
    }

    @Override
    public long diskBytes() {
        return scan.diskBytes();
    }

    @Override
    public List<TarEntry> entries() {
        return scan.entries();
    }

    @Override
    public TarFeed open() throws IOException {
        Path list = Files.createTempFile(scratch, "names", "");
        try {
            try (OutputStream out = new java.io.BufferedOutputStream(Files.newOutputStream(list))) {
                for (TarEntry entry : scan.entries()) {
                    out.write(("./" + entry.path() + "\0").getBytes(StandardCharsets.ISO_8859_1));
                }
            }
            HostPipe tar = new HostPipe(HostToolLines.archive(folder, list), false, READ_LIMIT);
            return new DirectoryFeed(this::changed, this::requireUnchanged, scan.entries(), tar, list);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(list);
            throw e;
        }
    }

    @Override
    public void requireUnchanged() {
        if (!scan.isRepeatedBy(folder)) {
            throw changed();
        }
    }

    private PyroException changed() {
        return new PyroException(
                ErrorCode.SEED_UNUSABLE,
                asGiven + " was changed while it was read; try again when nothing writes to it");
    }

    /** Returns entries in the order of a walk. */
    static List<TarEntry> sorted(List<TarEntry> entries) {
        List<TarEntry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparing(TarEntry::path, EntryNames::compare));
        return sorted;
    }
}
