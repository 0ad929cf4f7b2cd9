package dev.pyro.model;

/** How a command was run; {@link #wireName} is its name in payloads. */
public enum ExecutionMode {
    /** A QEMU guest, reached over virtio-serial. */
    GUEST_VIRTIO("guest_virtio"),
    /** A Firecracker guest, reached over vsock. */
    GUEST_VSOCK("guest_vsock"),
    /** Linux namespaces on the host: the opt-in fallback, weaker than a virtual machine. */
    HOST_COMPAT("host_compat");

    private final String wireName;

    ExecutionMode(String wireName) {
        this.wireName = wireName;
    }

    /** Returns the name used in JSON and in human lines. */
    public String wireName() {
        return wireName;
    }
}
