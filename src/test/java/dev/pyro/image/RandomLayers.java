package dev.pyro.image;

import dev.pyro.tar.Tar;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Makes layers as builders of images make them: whiteouts first, folders before what is in them, nothing twice, and each folder of which something
 * changes. Few names, so that layers touch what is below them.
 */
final class RandomLayers {
    private static final String[] NAMES = {"a", "b", "c", "d\u00e9"};
    private static final int MAX_LEVELS = 3;

    private final Random random;
    /** What there is: {@code d} a folder, {@code f} a file, {@code l} a link. */
    private final TreeMap<String, Character> present = new TreeMap<>();

    RandomLayers(Random random) {
        this.random = random;
    }

    byte[][] make(int layers, int changes) {
        byte[][] made = new byte[layers][];
        for (int i = 0; i < layers; i++) {
            made[i] = layer(changes);
        }
        return made;
    }

    private byte[] layer(int changes) {
        Tar tar = new Tar();
        tar.entry("./", '5', 0755, 0, 0, 0, "");
        List<String> lower = new ArrayList<>(present.keySet());
        Set<String> touched = new TreeSet<>();
        for (String path : lower) {
            if (random.nextInt(6) == 0 && present.containsKey(path)) {
                String parent = parent(path);
                if (present.get(path) == 'd' && random.nextBoolean()) {
                    tar.file(path + "/.wh..wh..opq", "");
                    present.keySet().removeIf(one -> one.startsWith(path + "/"));
                    touched.add(path);
                } else {
                    tar.file(
                            (parent.isEmpty() ? "" : parent + "/") + ".wh."
                                    + path.substring(parent.isEmpty() ? 0 : parent.length() + 1),
                            "");
                    remove(path);
                    touched.add(parent);
                }
            }
        }
        List<String> made = new ArrayList<>();
        for (int i = 0; i < changes; i++) {
            change(tar, made, touched);
        }
        // Folders last, so that their times are what the layer says however they were entered before.
        touched.stream()
                .filter(path -> Character.valueOf('d').equals(present.get(path)))
                .forEach(path -> tar.entry(
                        path, '5', 0700 + random.nextInt(64), random.nextInt(2000), random.nextInt(2000), 0, ""));
        return tar.entry("./", '5', 0755, 0, 0, 0, "").end();
    }

    private void change(Tar tar, List<String> made, Set<String> touched) {
        StringBuilder path = new StringBuilder();
        int levels = 1 + random.nextInt(MAX_LEVELS);
        for (int level = 1; level < levels; level++) {
            String next = (path.isEmpty() ? "" : path + "/") + NAMES[random.nextInt(NAMES.length)];
            if (Character.valueOf('d').equals(present.get(next))) {
                path.setLength(0);
                path.append(next);
            }
        }
        String folder = path.toString();
        String name = (folder.isEmpty() ? "" : folder + "/") + NAMES[random.nextInt(NAMES.length)];
        if (made.contains(name)) {
            return;
        }
        made.add(name);
        touched.add(folder);
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                if (!Character.valueOf('d').equals(present.get(name))) {
                    remove(name);
                }
                tar.entry(name, '5', 0700, 0, 0, 0, "");
                present.put(name, 'd');
                touched.add(name);
            }
            case 2 -> {
                remove(name);
                tar.symlink(name, NAMES[random.nextInt(NAMES.length)]);
                present.put(name, 'l');
            }
            case 3 -> {
                List<String> files = present.entrySet().stream()
                        .filter(one -> one.getValue() == 'f'
                                && !one.getKey().equals(name)
                                && !one.getKey().startsWith(name + "/"))
                        .map(java.util.Map.Entry::getKey)
                        .toList();
                if (!files.isEmpty()) {
                    remove(name);
                    tar.hardLink(name, files.get(random.nextInt(files.size())));
                    present.put(name, 'f');
                }
            }
            default -> {
                remove(name);
                String content = "x".repeat(random.nextInt(600));
                tar.entry(
                                name,
                                '0',
                                0600 + random.nextInt(64),
                                random.nextInt(2000),
                                random.nextInt(2000),
                                content.length(),
                                "")
                        .bytes(content);
                present.put(name, 'f');
            }
        }
    }

    private void remove(String path) {
        present.keySet().removeIf(one -> one.equals(path) || one.startsWith(path + "/"));
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }
}
