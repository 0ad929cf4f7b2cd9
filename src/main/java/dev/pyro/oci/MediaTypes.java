package dev.pyro.oci;

import java.util.List;
import java.util.Locale;

/** The media types of manifests, configurations and layers, in both of their families. Stateless. */
public final class MediaTypes {
    public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    public static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
    public static final String OCI_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";

    static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";

    /** All kinds of manifests that are read. */
    static final String ACCEPTED = String.join(", ", OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST);

    private static final List<String> LAYER_PREFIXES = List.of(
            OCI_LAYER,
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
            "application/vnd.docker.image.rootfs.diff.tar",
            "application/vnd.docker.image.rootfs.foreign.diff.tar");

    private MediaTypes() {}

    static boolean isIndex(String type) {
        return type.equals(OCI_INDEX) || type.equals(DOCKER_LIST);
    }

    static boolean isManifest(String type) {
        return type.equals(OCI_MANIFEST) || type.equals(DOCKER_MANIFEST);
    }

    static boolean isConfig(String type) {
        return type.equals(OCI_CONFIG) || type.equals(DOCKER_CONFIG);
    }

    /** Tells whether something is a layer of files; how it is compressed, its bytes say. */
    static boolean isLayer(String type) {
        return LAYER_PREFIXES.stream()
                .anyMatch(prefix ->
                        type.equals(prefix) || type.startsWith(prefix + "+") || type.startsWith(prefix + "."));
    }

    /** Tells whether a registry need not have the layer's content. */
    static boolean isForeign(String type) {
        return type.contains(".nondistributable.") || type.contains(".foreign.");
    }

    static boolean isEncrypted(String type) {
        return type.contains("+encrypted");
    }

    /** Returns a media type without its parameters. */
    static String bare(String contentType) {
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
    }
}
