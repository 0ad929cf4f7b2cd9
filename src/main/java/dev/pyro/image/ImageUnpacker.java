package dev.pyro.image;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.oci.LocalImage;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostTool;
import dev.pyro.os.HostTools;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes root file systems of images' layers. Immutable; safe for use by several threads.
 *
 * <p>Everything in every layer is checked before anything is written, and what is written is one archive of our own of what remains in the end: no
 * other program reads anything that came with the image, but zstd, which has no power then.
 */
public final class ImageUnpacker {
    private final HostTools tools;
    private final BuildNamespace namespace;
    private final Map<String, String> environment;

    public ImageUnpacker(HostTools tools, BuildNamespace namespace) {
        this(tools, namespace, System.getenv());
    }

    /**
     * Unpacks with the host's tools.
     *
     * @param environment the variables that bound what an image may have
     */
    public ImageUnpacker(HostTools tools, BuildNamespace namespace, Map<String, String> environment) {
        this.tools = tools;
        this.namespace = namespace;
        this.environment = Map.copyOf(environment);
    }

    /**
     * Makes {@code rootfs.ext4} in a folder of the caller's, which nobody else may look into. When this method throws, nothing but files of the caller's
     * are left there, for him to delete; when this process ends meanwhile, some of them may belong to subordinate ids.
     *
     * @throws PyroException {@link ErrorCode#ARCHIVE_REFUSED} naming layer and entry, {@link ErrorCode#HOST_UNSUPPORTED} when this host cannot give
     *     what the image asks for, {@link ErrorCode#DISK_FULL}, {@link ErrorCode#HOST_TOOL_MISSING}, {@link ErrorCode#HOST_TOOL_FAILED}, {@link
     *     ErrorCode#STORAGE_UNUSABLE}, {@link ErrorCode#INVALID_ARGUMENT} for a malformed variable, {@link ErrorCode#INTERRUPTED}
     */
    public Unpacked unpack(LocalImage image, Path stage, Progress.Listener listener) {
        requireTools(image, listener);
        return new Unpacking(tools, namespace, environment, image, stage, listener).run();
    }

    private void requireTools(LocalImage image, Progress.Listener listener) {
        List<HostTool> needed = new ArrayList<>(namespace.tools());
        needed.addAll(List.of(HostTool.MKE2FS, HostTool.DEBUGFS));
        for (Path layer : image.layers()) {
            try {
                if (LayerStream.isZstd(layer)) {
                    needed.add(HostTool.ZSTD);
                }
            } catch (IOException e) {
                throw Unpacking.unreadable(layer, e);
            }
        }
        tools.require(needed, listener);
        namespace.requireUsable();
    }
}
