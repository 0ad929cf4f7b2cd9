package dev.pyro.machine.qemu;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The saved templates of this host. Safe for use by several threads and processes: each template is built by one of them, and
 * appears whole.
 *
 * <p>Dropping a template harms no machine that came from it: QEMU keeps the memory file open, and the disk was copied.
 */
final class TemplateStore {
    /** How many templates are kept. */
    static final int MAX_TEMPLATES = 8;

    /** A clone that has found its template opens it well within this time. */
    private static final Duration GRACE = Duration.ofMinutes(2);

    private static final Duration UNUSED_AFTER = Duration.ofDays(7);

    private static final Duration BUILD_TIMEOUT = Duration.ofMinutes(10);

    private final PyroPaths paths;

    TemplateStore(PyroPaths paths) {
        this.paths = paths;
    }

    /** Finds a usable template. */
    Optional<Template> find(String key) {
        Optional<Template> template = Template.read(paths.templates().resolve(key), key);
        template.ifPresent(Template::touch);
        return template;
    }

    /**
     * Builds a template, unless another thread or process does so at this moment; then its template is taken.
     *
     * @param broken a template that proved to be unusable and must not be taken again, or empty
     * @param onWait is called when another one is building
     * @param builder fills a folder, template record included; the folder that it is given is on the templates' file system
     */
    @SuppressWarnings("try") // The lock is held, not used.
    Template build(String key, Optional<Template> broken, Runnable onWait, Consumer<Path> builder) {
        try (InterProcessLock lock =
                InterProcessLock.acquire(lockFile(key), "the machine template " + key, BUILD_TIMEOUT, onWait)) {
            Path target = paths.templates().resolve(key);
            Optional<Template> present =
                    find(key).filter(template -> !broken.map(Template::build).equals(Optional.of(template.build())));
            if (present.isPresent()) {
                return present.get();
            }
            removeLeftovers(key);
            discard(target, key);
            Path staging = AtomicFiles.createStaging(paths.staging(), prefix(key));
            try {
                builder.accept(staging);
                AtomicFiles.createDirectories(paths.templates());
                AtomicFiles.publish(staging.resolve("template"), target);
            } finally {
                AtomicFiles.deleteTree(staging);
            }
            trim(key);
            return find(key)
                    .orElseThrow(() -> new PyroException(
                            ErrorCode.STORAGE_UNUSABLE,
                            "the machine template in " + target
                                    + " was changed while it was being finished; try again"));
        }
    }

    /** Drops the templates that were not used for longest, when there are too many. */
    private void trim(String newest) {
        List<Path> folders = new ArrayList<>(list(paths.templates(), "*"));
        folders.removeIf(folder -> String.valueOf(folder.getFileName()).equals(newest));
        folders.sort(Comparator.comparing(Template::lastUse));
        Instant now = Instant.now();
        int surplus = folders.size() + 1 - MAX_TEMPLATES;
        for (Path folder : folders.subList(0, Math.max(0, surplus))) {
            if (Template.lastUse(folder).toInstant().plus(GRACE).isBefore(now)) {
                discard(folder, String.valueOf(folder.getFileName()));
            }
        }
    }

    /** Drops the templates that nobody has used for a week; with {@code all}, those too that no clone is opening now. */
    void prune(boolean all, Predicate<Path> mayDelete) {
        Instant unusedSince = Instant.now().minus(all ? GRACE : UNUSED_AFTER);
        for (Path folder : list(paths.templates(), "*")) {
            String key = String.valueOf(folder.getFileName());
            // Where somebody holds the lock, somebody builds it.
            InterProcessLock.tryAcquire(lockFile(key)).ifPresent(lock -> {
                try (lock) {
                    if (Template.lastUse(folder).toInstant().isBefore(unusedSince) && mayDelete.test(folder)) {
                        discard(folder, key);
                    }
                }
            });
        }
    }

    /** Moves a folder out of sight before it is deleted, so that nobody sees a half of it. */
    private void discard(Path folder, String key) {
        if (Files.exists(folder)) {
            Path grave = AtomicFiles.createStaging(paths.staging(), prefix(key));
            try {
                AtomicFiles.publish(folder, grave.resolve("dropped"));
            } finally {
                AtomicFiles.deleteTree(grave);
            }
        }
    }

    /** Removes what killed builders left, of this template, whose lock is held, and of others that nobody builds now. */
    @SuppressWarnings("try") // The lock is held, not used.
    private void removeLeftovers(String key) {
        for (Path folder : list(paths.staging(), prefix("*") + ".*")) {
            String name = String.valueOf(folder.getFileName());
            String other = name.substring(prefix("").length(), name.lastIndexOf('.'));
            if (other.equals(key)) {
                AtomicFiles.deleteTree(folder);
                continue;
            }
            Optional<InterProcessLock> free = InterProcessLock.tryAcquire(lockFile(other));
            if (free.isPresent()) {
                try (InterProcessLock lock = free.get()) {
                    AtomicFiles.deleteTree(folder);
                }
            }
        }
    }

    private Path lockFile(String key) {
        return paths.cacheLocks().resolve(prefix(key) + ".lock");
    }

    private static List<Path> list(Path folder, String glob) {
        List<Path> entries = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, glob)) {
                stream.forEach(entries::add);
            } catch (IOException e) {
                throw AtomicFiles.failure("list", folder, e);
            }
        }
        return entries;
    }

    private static String prefix(String key) {
        return "template-" + key;
    }
}
