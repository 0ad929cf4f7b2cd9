package dev.pyro.runtime;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The modules in a folder such as {@code /lib/modules/6.1.0-30-amd64}. */
final class FolderModules implements ModuleSource {
    private static final int MAX_DEPTH = 16;

    private final Path folder;

    FolderModules(Path folder) {
        this.folder = folder;
    }

    @Override
    public Set<String> builtIn() throws IOException {
        Path list = folder.resolve("modules.builtin");
        Set<String> names = new HashSet<>();
        if (Files.exists(list)) {
            Files.readAllLines(list).forEach(line -> names.add(ModuleSource.nameOf(line)));
        }
        return names;
    }

    @Override
    public Map<String, ModuleFile> read(Set<String> names) throws IOException {
        List<Path> files;
        try (Stream<Path> tree = Files.walk(folder.resolve("kernel"), MAX_DEPTH)) {
            files = tree.filter(file -> ModuleSource.isModule(file.toString()) && Files.isRegularFile(file))
                    .filter(file -> names.contains(ModuleSource.nameOf(file.toString())))
                    .toList();
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause();
        }
        Map<String, ModuleFile> found = new HashMap<>();
        for (Path file : files) {
            try (InputStream stream = new BufferedInputStream(Files.newInputStream(file))) {
                found.put(ModuleSource.nameOf(file.toString()), ModuleFile.read(file.toString(), stream));
            }
        }
        return found;
    }
}
