package dev.pyro.workspace;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.OutputListener.Stream;
import dev.pyro.model.PyroException;
import dev.pyro.model.Service;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.AtomicFiles.Durability;
import dev.pyro.workspace.ServiceOutput.Part;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The services of one generation of a workspace: {@code NAME.json} for each, and beside it, once its machine was stopped, what it wrote last. The one
 * class that knows this layout; {@code docs/state-format.md} describes it.
 *
 * <p>Whoever writes here holds the lock on the workspace's services. Safe for use by several threads and processes.
 */
final class ServiceStore {
    private static final String RECORD_SUFFIX = ".json";
    private static final String CUT_SUFFIX = "-end";

    private final Path folder;

    ServiceStore(Path folder) {
        this.folder = folder;
    }

    /** Returns the records in the order in which the services were started; those that cannot be read are left out. */
    List<ServiceRecord> all() {
        List<ServiceRecord> records = new ArrayList<>();
        for (String name : names()) {
            try {
                find(name).ifPresent(records::add);
            } catch (PyroException e) {
                if (e.code() != ErrorCode.RECORD_CORRUPT && e.code() != ErrorCode.RECORD_TOO_NEW) {
                    throw e;
                }
                // It must not hide the others; asking for it says what is wrong.
            }
        }
        records.sort(Comparator.comparing(ServiceRecord::startedAt).thenComparing(ServiceRecord::name));
        return records;
    }

    /** Returns the names of all services, those too whose records cannot be read. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + RECORD_SUFFIX)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                name = name.substring(0, name.length() - RECORD_SUFFIX.length());
                if (Service.isName(name)) {
                    names.add(name);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw AtomicFiles.failure("list", folder, e);
        }
        names.sort(Comparator.naturalOrder());
        return names;
    }

    /**
     * Returns the record of a service.
     *
     * @throws PyroException {@link ErrorCode#RECORD_CORRUPT}, {@link ErrorCode#RECORD_TOO_NEW}
     */
    Optional<ServiceRecord> find(String name) {
        Path file = file(name);
        try {
            ServiceRecord record = ServiceRecordJson.read(file);
            if (!record.name().equals(name)) {
                throw new PyroException(
                        ErrorCode.RECORD_CORRUPT,
                        file + " is damaged (it is the record of " + record.name() + "); delete it");
            }
            return Optional.of(record);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    /** Writes a record. It need not survive a power failure: neither does the machine. */
    void put(ServiceRecord record) {
        WorkspaceStore.createPrivateFolder(folder);
        AtomicFiles.write(file(record.name()), ServiceRecordJson.write(record), Durability.PROCESS);
    }

    /** Forgets a service, with what it wrote. */
    void delete(String name) {
        AtomicFiles.deleteTree(file(name));
        deleteLogs(name);
    }

    /** Keeps what a service wrote to one stream, which holds no secrets. */
    void putLog(String name, Stream stream, Part log) {
        AtomicFiles.write(logFile(name, stream, log.cut()), Durability.PROCESS, out -> out.write(log.bytes()));
    }

    /** Returns what was kept of one stream, or empty when nothing was. */
    Optional<Part> log(String name, Stream stream) {
        return log(name, stream, false).or(() -> log(name, stream, true));
    }

    private Optional<Part> log(String name, Stream stream, boolean cut) {
        Path file = logFile(name, stream, cut);
        try {
            return Optional.of(new Part(Files.readAllBytes(file), cut));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    /** Forgets what a service wrote. */
    void deleteLogs(String name) {
        for (Stream stream : Stream.values()) {
            AtomicFiles.deleteTree(logFile(name, stream, false));
            AtomicFiles.deleteTree(logFile(name, stream, true));
        }
    }

    private Path file(String name) {
        return folder.resolve(name + RECORD_SUFFIX);
    }

    private Path logFile(String name, Stream stream, boolean cut) {
        return folder.resolve(name + "." + stream.name().toLowerCase(Locale.ROOT) + (cut ? CUT_SUFFIX : ""));
    }
}
