package dev.pyro.store;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where Pyro keeps its files: the one class that knows the layout of both folders.
 *
 * <p>The cache can be deleted at any time when no machine runs; the state cannot.
 *
 * @param cache environments, kernels, templates: {@code PYRO_CACHE_DIR}, else {@code /var/cache/pyro} for root, else {@code
 *     $XDG_CACHE_HOME/pyro}, else {@code ~/.cache/pyro}
 * @param state the records of virtual machines and workspaces: {@code PYRO_STATE_DIR}, else {@code /var/lib/pyro} for root,
 *     else {@code $XDG_STATE_HOME/pyro}, else {@code ~/.local/state/pyro}
 */
public record PyroPaths(Path cache, Path state) {
    public PyroPaths {
        cache = cache.toAbsolutePath().normalize();
        state = state.toAbsolutePath().normalize();
    }

    /** Returns the folders that the environment variables and the user call for. */
    public static PyroPaths of(Map<String, String> environment) {
        boolean root = Host.isRoot();
        return new PyroPaths(
                folder(environment, "PYRO_CACHE_DIR", root, "/var/cache/pyro", "XDG_CACHE_HOME", ".cache"),
                folder(environment, "PYRO_STATE_DIR", root, "/var/lib/pyro", "XDG_STATE_HOME", ".local/state"));
    }

    private static Path folder(
            Map<String, String> environment, String own, boolean root, String ofRoot, String xdg, String inHome) {
        String explicit = environment.get(own);
        if (explicit != null && !explicit.isEmpty()) {
            return Path.of(explicit);
        }
        if (root) {
            return Path.of(ofRoot);
        }
        String base = environment.get(xdg);
        if (base != null && base.startsWith("/")) {
            return Path.of(base, "pyro");
        }
        String home = environment.get("HOME");
        if (home == null || !home.startsWith("/")) {
            throw new PyroException(
                    ErrorCode.STORAGE_UNUSABLE, "HOME is not set: set HOME, or " + own + " to an absolute folder");
        }
        return Path.of(home, inHome, "pyro");
    }

    /** Returns the folder of installed environments, one folder each, named by digest. */
    public Path environments() {
        return cache.resolve("environments");
    }

    /** Returns the folder of runtime bundles, one folder each, named by content. */
    public Path runtimes() {
        return cache.resolve("runtimes");
    }

    /** Returns the folder of memory templates, one folder each, named by key. */
    public Path templates() {
        return cache.resolve("templates");
    }

    /** Returns the folder of the results of costly probes of this host. */
    public Path probes() {
        return cache.resolve("probes");
    }

    /** Returns the folder where things are built before they get their final name; on the same file system as they. */
    public Path staging() {
        return cache.resolve("staging");
    }

    /** Returns the folder of what was fetched of images: blobs, and the records of images. */
    public Path oci() {
        return cache.resolve("oci");
    }

    /** Returns the folder of the cache's lock files. */
    public Path cacheLocks() {
        return cache.resolve("locks");
    }

    /** Returns the folder of virtual machines, one folder each, named by id. */
    public Path vms() {
        return state.resolve("vms");
    }

    /** Returns the folder of workspaces, one folder each, named by id. */
    public Path workspaces() {
        return state.resolve("workspaces");
    }

    /** Returns a folder for what is tried out, on the same file system as the machines. */
    public Path stateScratch() {
        return state.resolve("scratch");
    }

    /** Returns the folder of the state's lock files. */
    public Path stateLocks() {
        return state.resolve("locks");
    }
}
