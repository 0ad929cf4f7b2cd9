package dev.pyro.machine;

import dev.pyro.model.Arguments;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An offline disk over a back end's files: finds its way through links, and says clearly what is not there. */
public final class OfflineFiles implements OfflineDisk {
    private static final int MAX_LINKS = 40;
    private static final int MAX_PATH_CHARS = 4096;
    /** Each round may take a process; honest paths need one or two. */
    private static final int MAX_ROUNDS = 64;

    private final FileTree tree;

    public OfflineFiles(FileTree tree) {
        this.tree = tree;
    }

    @Override
    public List<Entry> list(String path, boolean recursive, int maxEntries) {
        Way way = new Way(path, true);
        follow(List.of(way));
        if (way.problem.isEmpty() && way.node().type() == ArtifactType.DIRECTORY) {
            return tree.below(way.place, recursive, maxEntries).stream()
                    .sorted(Comparator.comparing(Entry::path))
                    .toList();
        }
        Way itself = new Way(path, false);
        follow(List.of(itself));
        itself.problem.ifPresent(problem -> {
            throw problem;
        });
        FileTree.Node node = itself.node();
        return List.of(new Entry(itself.place, node.type(), node.mode(), node.sizeBytes(), node.linkTarget()));
    }

    @Override
    public Content read(String path, long maxBytes) {
        Way way = new Way(path, true);
        follow(List.of(way));
        way.problem.ifPresent(problem -> {
            throw problem;
        });
        if (way.node().type() != ArtifactType.FILE) {
            String kind =
                    way.node().type() == ArtifactType.DIRECTORY ? "a directory" : "neither a file nor a directory";
            throw new PyroException(
                    ErrorCode.FILE_UNSUITABLE,
                    "cannot read " + Arguments.printable(path) + ": it is " + kind + "; name a regular file");
        }
        return tree.read(List.of(way.place), maxBytes).values().iterator().next();
    }

    @Override
    public Map<String, Content> readAll(Collection<String> paths, long maxBytesEach) {
        List<Way> ways = paths.stream().map(path -> new Way(path, false)).toList();
        follow(ways);
        Map<String, String> places = new LinkedHashMap<>();
        for (Way way : ways) {
            if (way.problem.isEmpty() && way.node().type() == ArtifactType.FILE) {
                places.put(way.asked, way.place);
            }
        }
        Map<String, Content> contents = tree.read(new LinkedHashSet<>(places.values()), maxBytesEach);
        Map<String, Content> result = new LinkedHashMap<>();
        places.forEach((asked, place) ->
                Optional.ofNullable(contents.get(place)).ifPresent(content -> result.put(asked, content)));
        return result;
    }

    @Override
    public WorkVolumes.Usage usage() {
        return tree.usage();
    }

    @Override
    public Exported export(Path image) {
        return tree.export(image);
    }

    @Override
    public void close() {
        tree.close();
    }

    /** Where a path that was asked for leads, as far as it is known. */
    private static final class Way {
        final String asked;
        final boolean followLast;
        final Deque<String> rest = new ArrayDeque<>();
        String place = "/";
        Optional<FileTree.Node> node = Optional.empty();
        Optional<PyroException> problem = Optional.empty();
        int links;

        Way(String path, boolean followLast) {
            if (!path.startsWith("/") || path.length() > MAX_PATH_CHARS || path.indexOf('\0') >= 0) {
                throw new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        "a path on a disk must be absolute, at most " + MAX_PATH_CHARS
                                + " characters long and without NUL, unlike \"" + Arguments.printable(path) + "\"");
            }
            this.asked = path;
            this.followLast = followLast;
            prepend(path);
        }

        FileTree.Node node() {
            return node.orElseThrow();
        }

        private void prepend(String path) {
            String[] parts = path.split("/");
            for (int i = parts.length - 1; i >= 0; i--) {
                if (!parts[i].isEmpty() && !parts[i].equals(".")) {
                    rest.addFirst(parts[i]);
                }
            }
        }

        /** Names the paths that have to be looked at next: as far as they can be named without knowing links. */
        void collect(Set<String> wanted) {
            if (problem.isPresent()) {
                return;
            }
            String at = place;
            wanted.add(at);
            for (String part : rest) {
                if (part.equals("..")) {
                    return;
                }
                at = join(at, part);
                wanted.add(at);
            }
        }

        /** Goes on as far as is known; tells whether the end is reached. */
        boolean advance(Map<String, Optional<FileTree.Node>> known) {
            while (problem.isEmpty() && !rest.isEmpty()) {
                String part = rest.getFirst();
                if (part.equals("..")) {
                    rest.removeFirst();
                    place = parent(place);
                    continue;
                }
                String next = join(place, part);
                Optional<FileTree.Node> found = known.get(next);
                if (found == null) {
                    return false;
                }
                rest.removeFirst();
                step(next, found);
            }
            node = known.getOrDefault(place, Optional.empty());
            return problem.isPresent() || node.isPresent();
        }

        private void step(String next, Optional<FileTree.Node> found) {
            if (found.isEmpty()) {
                fail(ErrorCode.FILE_NOT_FOUND, "there is no " + Arguments.printable(next));
                return;
            }
            FileTree.Node at = found.get();
            if (at.type() == ArtifactType.SYMLINK && (followLast || !rest.isEmpty())) {
                links++;
                if (links > MAX_LINKS) {
                    fail(ErrorCode.FILE_NOT_FOUND, "more than " + MAX_LINKS + " links lead on from each other");
                    return;
                }
                if (at.linkTarget().startsWith("/")) {
                    place = "/";
                }
                prepend(at.linkTarget());
                return;
            }
            if (at.type() != ArtifactType.DIRECTORY && !rest.isEmpty()) {
                fail(ErrorCode.FILE_NOT_FOUND, Arguments.printable(next) + " is no directory");
                return;
            }
            place = next;
        }

        void fail(ErrorCode code, String reason) {
            problem = Optional.of(new PyroException(
                    code,
                    "cannot open " + Arguments.printable(asked) + " on the disk: " + reason
                            + "; list the directory above it to see what is there"));
        }
    }

    private void follow(List<Way> ways) {
        Map<String, Optional<FileTree.Node>> known = new HashMap<>();
        Set<String> wanted = new LinkedHashSet<>();
        for (int round = 0; round < MAX_ROUNDS; round++) {
            wanted.clear();
            ways.forEach(way -> way.collect(wanted));
            wanted.removeAll(known.keySet());
            if (!wanted.isEmpty()) {
                Map<String, FileTree.Node> found = tree.examine(wanted);
                wanted.forEach(path -> known.put(path, Optional.ofNullable(found.get(path))));
            }
            boolean done = true;
            for (Way way : ways) {
                done &= way.advance(known);
            }
            if (done) {
                return;
            }
        }
        for (Way way : ways) {
            if (way.problem.isEmpty() && way.node.isEmpty()) {
                way.fail(ErrorCode.FILE_UNSUITABLE, "its links lead too far around");
            }
        }
    }

    private static String join(String directory, String name) {
        return directory.equals("/") ? "/" + name : directory + "/" + name;
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }
}
