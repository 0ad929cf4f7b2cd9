package dev.pyro.oci;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** An image whose layers are any bytes: nothing here looks into them. */
final class SmallImage {
    private final byte[] config;
    private final List<byte[]> layers;

    private SmallImage(byte[] config, List<byte[]> layers) {
        this.config = config;
        this.layers = layers;
    }

    byte[] config() {
        return config;
    }

    List<byte[]> layers() {
        return layers;
    }

    static SmallImage of(byte[]... layers) {
        return of("linux", "amd64", layers);
    }

    static SmallImage of(String os, String architecture, byte[]... layers) {
        String diffIds = List.of(layers).stream()
                .map(layer -> "\"" + Sha256.of(layer) + "\"")
                .collect(Collectors.joining(","));
        String config = "{\"os\":\"" + os + "\",\"architecture\":\"" + architecture
                + "\",\"config\":{\"Env\":[\"PATH=/bin\",\"A=b=c\",\"broken\"],\"User\":\"app\",\"WorkingDir\":\"/srv\",\"Labels\":{\"k\":\"v\"}},"
                + "\"created\":\"2026-01-02T03:04:05.5Z\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diffIds
                + "]}}";
        return new SmallImage(config.getBytes(StandardCharsets.UTF_8), List.of(layers));
    }

    /** Bytes that do not repeat. */
    static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static Descriptor descriptor(String type, byte[] bytes) {
        return new Descriptor(type, Sha256.of(bytes), bytes.length);
    }

    static String json(Descriptor descriptor) {
        return "{\"mediaType\":\"" + descriptor.mediaType() + "\",\"digest\":\"" + descriptor.digest() + "\",\"size\":"
                + descriptor.size() + "}";
    }

    Descriptor configDescriptor() {
        return descriptor(MediaTypes.OCI_CONFIG, config);
    }

    List<Descriptor> layerDescriptors() {
        return layers.stream()
                .map(layer -> descriptor(MediaTypes.OCI_LAYER, layer))
                .toList();
    }

    byte[] manifest() {
        return manifest(configDescriptor(), layerDescriptors());
    }

    static byte[] manifest(Descriptor config, List<Descriptor> layers) {
        return ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"config\":" + json(config)
                        + ",\"layers\":["
                        + layers.stream().map(SmallImage::json).collect(Collectors.joining(",")) + "]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** An index whose lines are {@code PLATFORM DIGEST SIZE}. */
    static byte[] index(List<String> lines) {
        List<String> entries = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split(" ");
            String[] platform = words[0].split("/");
            entries.add("{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"digest\":\"" + words[1] + "\",\"size\":"
                    + words[2] + ",\"platform\":{\"os\":\"" + platform[0] + "\",\"architecture\":\"" + platform[1]
                    + "\""
                    + (platform.length > 2 ? ",\"variant\":\"" + platform[2] + "\"" : "") + "}}");
        }
        return ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":["
                        + String.join(",", entries) + "]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Pushes it as people's programs do: blobs, then the manifest. */
    void push(RegistryClient client, Path scratch, String tag) throws IOException {
        Path file = scratch.resolve("blob");
        for (byte[] layer : layers) {
            Files.write(file, layer);
            client.upload(file, descriptor(MediaTypes.OCI_LAYER, layer), sent -> {}, notice -> {});
        }
        Files.write(file, config);
        client.upload(file, configDescriptor(), sent -> {}, notice -> {});
        client.putManifest(manifest(), MediaTypes.OCI_MANIFEST, tag, notice -> {});
    }
}
