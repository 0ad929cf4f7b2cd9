package dev.pyro.model;

/** What executes a guest's instructions; {@link #wireName} is its name in payloads and in {@code PYRO_ACCEL}. */
public enum Accelerator {
    /** The processor's own virtualisation, through Linux KVM. */
    KVM("kvm"),
    /** QEMU's emulation, which runs everywhere and is slower. */
    TCG("tcg");

    private final String wireName;

    Accelerator(String wireName) {
        this.wireName = wireName;
    }

    /** Returns the name used in JSON, in human lines and in {@code PYRO_ACCEL}. */
    public String wireName() {
        return wireName;
    }
}
