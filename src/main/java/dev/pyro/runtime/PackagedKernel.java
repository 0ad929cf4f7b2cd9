package dev.pyro.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kernel in a Debian package; nothing of the package is installed or run. */
final class PackagedKernel implements ModuleSource {
    private static final Pattern IMAGE = Pattern.compile("boot/vmlinuz-([A-Za-z0-9][A-Za-z0-9.+~_-]*)");
    private static final int MAX_LIST_BYTES = 4 * 1024 * 1024;

    private final DebPackage deb;
    private final Path image;
    // What one pass over the package brought: it takes seconds, so all files that may be needed are kept at once.
    private final Map<String, ModuleFile> modules = new HashMap<>();
    private final Set<String> lookedFor = new HashSet<>();
    private final Set<String> builtIn = new HashSet<>();
    private String release = "";

    private PackagedKernel(DebPackage deb, Path image) {
        this.deb = deb;
        this.image = image;
    }

    /** Unpacks the kernel's image into a folder, and keeps those of the given modules that there are. */
    static Kernel read(Path file, Path staging, Set<String> likelyModules) throws IOException {
        Path image = staging.resolve("vmlinuz");
        PackagedKernel kernel = new PackagedKernel(new DebPackage(file), image);
        kernel.lookedFor.addAll(likelyModules);
        kernel.deb.forEachFile((path, content) -> kernel.take(path, content, likelyModules));
        if (kernel.release.isEmpty()) {
            throw new IOException(file + " holds no kernel");
        }
        return new Kernel(kernel.release, image, kernel);
    }

    private void take(String path, InputStream content, Set<String> wanted) throws IOException {
        Matcher matcher = IMAGE.matcher(path);
        if (matcher.matches() && release.isEmpty()) {
            release = matcher.group(1);
            Files.copy(content, image);
        } else if (path.endsWith("/modules.builtin")) {
            new String(content.readNBytes(MAX_LIST_BYTES), StandardCharsets.UTF_8)
                    .lines()
                    .forEach(line -> builtIn.add(ModuleSource.nameOf(line)));
        } else {
            takeModule(path, content, wanted);
        }
    }

    private void takeModule(String path, InputStream content, Set<String> wanted) throws IOException {
        String name = ModuleSource.nameOf(path);
        if (ModuleSource.isModule(path) && wanted.contains(name)) {
            modules.put(name, ModuleFile.read(path, content));
        }
    }

    @Override
    public Set<String> builtIn() {
        return Set.copyOf(builtIn);
    }

    @Override
    public Map<String, ModuleFile> read(Set<String> names) throws IOException {
        if (lookedFor.addAll(names)) {
            deb.forEachFile((path, content) -> takeModule(path, content, names));
        }
        Map<String, ModuleFile> found = new HashMap<>(modules);
        found.keySet().retainAll(names);
        return found;
    }
}
