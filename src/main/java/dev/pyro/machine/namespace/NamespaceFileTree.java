package dev.pyro.machine.namespace;

import dev.pyro.agent.GuestText;
import dev.pyro.machine.FileTree;
import dev.pyro.machine.OfflineDisk.Content;
import dev.pyro.machine.OfflineDisk.Entry;
import dev.pyro.machine.OfflineDisk.Exported;
import dev.pyro.machine.WorkVolumes;
import dev.pyro.model.Arguments;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.PipedCommand;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The files of a machine made of namespaces, looked at with the host's {@code find} and {@code head} in namespaces of their own. */
final class NamespaceFileTree implements FileTree {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final long MAX_LISTING_BYTES = 128L << 20;
    private static final long MAX_CONTENT_BYTES = 1L << 30;
    private static final int SIZE_BYTES = 32;
    private static final int MAX_COUNTED = 1_000_000;

    /** Five texts for each file, each of which ends with NUL, which no name holds; then one that says that this was all. */
    private static final String FORMAT = "%y\\0%m\\0%s\\0%p\\0%l\\0";

    private static final String END = "end";

    /** What is not there is an error for find, and none here. */
    private static final String EXAMINE = "xargs -0 -r sh -c 'find \"$@\" -maxdepth 0 -printf \"$0\"; :' '" + FORMAT
            + "' 2>/dev/null; printf 'end\\0'";

    private static final String BELOW =
            "xargs -0 sh -c 'exec find \"$@\" -mindepth 1 DEPTH -printf \"$0\"' '" + FORMAT + "'; printf 'end\\0'";

    /** The sizes, an empty text, the contents; the same again when there are too many files for one command line. */
    private static final String READ = "xargs -0 -r sh -euc 'find \"$@\" -maxdepth 0 -type f -printf \"%s\\0\"; "
            + "printf \"\\0\"; exec head -q -c MOST -- \"$@\"' sh";

    private final OfflineView view;
    private final Consumer<Path> exporter;

    NamespaceFileTree(OfflineView view, Consumer<Path> exporter) {
        this.view = view;
        this.exporter = exporter;
    }

    @Override
    public Map<String, Node> examine(Collection<String> paths) {
        Map<String, Node> nodes = new HashMap<>();
        for (Entry entry : entries(run(EXAMINE, paths, MAX_LISTING_BYTES, "look at files"))) {
            nodes.put(entry.path(), new Node(entry.type(), entry.mode(), entry.sizeBytes(), entry.linkTarget()));
        }
        // Where a part of the path is a link, find has looked beyond it.
        nodes.keySet().removeIf(path -> isBeyondLink(path, nodes));
        return nodes;
    }

    private static boolean isBeyondLink(String path, Map<String, Node> nodes) {
        for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
            Node above = nodes.get(path.substring(0, slash));
            if (above != null && above.type() != ArtifactType.DIRECTORY) {
                return true;
            }
        }
        return false;
    }

    @Override
    public List<Entry> below(String directory, boolean recursive, int maxEntries) {
        String script = BELOW.replace("DEPTH", recursive ? "" : "-maxdepth 1");
        List<Entry> entries;
        try {
            entries = entries(run(script, List.of(directory), MAX_LISTING_BYTES, "list " + directory));
        } catch (Overflow e) {
            throw tooMany(directory, maxEntries);
        }
        if (entries.size() > maxEntries) {
            throw tooMany(directory, maxEntries);
        }
        return entries;
    }

    private static PyroException tooMany(String directory, int maxEntries) {
        return new PyroException(
                ErrorCode.FILE_UNSUITABLE,
                "there is more in " + Arguments.printable(directory) + " on the disk than a listing may hold ("
                        + maxEntries + " entries); list one of the directories in it");
    }

    @Override
    public Map<String, Content> read(Collection<String> files, long maxBytesEach) {
        long most =
                Math.min(MAX_CONTENT_BYTES, files.size() * (Math.min(maxBytesEach, MAX_CONTENT_BYTES) + SIZE_BYTES));
        ByteBuffer output;
        try {
            output = run(READ.replace("MOST", Long.toString(maxBytesEach)), files, most, "read files");
        } catch (Overflow e) {
            throw new PyroException(
                    ErrorCode.FILE_UNSUITABLE, "the files are too large to be read at once; read fewer of them", e);
        }
        Map<String, Content> contents = new LinkedHashMap<>();
        List<String> left = new ArrayList<>(files);
        while (!left.isEmpty()) {
            List<Long> sizes = new ArrayList<>();
            for (byte[] size = text(output); size.length > 0; size = text(output)) {
                sizes.add(Long.parseLong(new String(size, StandardCharsets.ISO_8859_1)));
            }
            if (sizes.isEmpty() || sizes.size() > left.size()) {
                throw unexpected();
            }
            for (Long size : sizes) {
                int count = (int) Math.min(size, maxBytesEach);
                if (count > output.remaining()) {
                    throw unexpected();
                }
                contents.put(
                        left.removeFirst(),
                        new Content(size, output.slice(output.position(), count).asReadOnlyBuffer()));
                output.position(output.position() + count);
            }
        }
        return contents;
    }

    @Override
    public WorkVolumes.Usage usage() {
        List<Entry> entries = below("/", true, MAX_COUNTED);
        return new WorkVolumes.Usage(
                entries.size(), entries.stream().mapToLong(Entry::sizeBytes).sum());
    }

    @Override
    public Exported export(Path image) {
        exporter.accept(image);
        return Exported.WHOLE;
    }

    @Override
    public void close() {
        // There is nothing but the folders themselves.
    }

    /** More came than may be kept. */
    private static final class Overflow extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private ByteBuffer run(String script, Collection<String> paths, long maxBytes, String purpose) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        for (String path : paths) {
            input.writeBytes(GuestText.encode("." + path));
            input.write(0);
        }
        PipedCommand.Result result =
                PipedCommand.run(view.tokens(List.of("sh", "-euc", script)), input.toByteArray(), maxBytes, TIMEOUT);
        if (result.overflow()) {
            throw new Overflow();
        }
        if (result.exitCode() != 0) {
            throw new PyroException(
                    ErrorCode.HOST_TOOL_FAILED,
                    "cannot " + Arguments.printable(purpose) + " of the machine in " + view.work() + ": "
                            + Arguments.printable(result.errors().strip()));
        }
        return result.output();
    }

    private static List<Entry> entries(ByteBuffer output) {
        List<Entry> entries = new ArrayList<>();
        for (byte[] type = text(output); !GuestText.decode(type).equals(END); type = text(output)) {
            int mode = Integer.parseInt(GuestText.decode(text(output)), 8);
            long size = Long.parseLong(GuestText.decode(text(output)));
            String path = GuestText.decode(text(output)).substring(1);
            String target = GuestText.decode(text(output));
            ArtifactType kind = switch (GuestText.decode(type)) {
                case "f" -> ArtifactType.FILE;
                case "d" -> ArtifactType.DIRECTORY;
                case "l" -> ArtifactType.SYMLINK;
                default -> ArtifactType.OTHER;
            };
            entries.add(new Entry(path.isEmpty() ? "/" : path, kind, mode, size, target));
        }
        return entries;
    }

    private static byte[] text(ByteBuffer output) {
        int start = output.position();
        while (output.hasRemaining()) {
            if (output.get() == 0) {
                byte[] text = new byte[output.position() - start - 1];
                output.get(start, text);
                return text;
            }
        }
        throw unexpected();
    }

    private static PyroException unexpected() {
        return new PyroException(
                ErrorCode.HOST_TOOL_FAILED, "the machine's files changed while they were read; try again");
    }
}
