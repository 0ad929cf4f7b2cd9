package dev.pyro.oci;

/** How bytes are compressed, as their beginning tells, whatever a manifest or a name says. */
public enum Packing {
    NONE,
    GZIP,
    ZSTD;

    /** How many bytes tell it. */
    public static final int MAGIC_BYTES = 4;

    /**
     * Returns how bytes are compressed.
     *
     * @param beginning the first {@link #MAGIC_BYTES} of them, or all that there are
     */
    public static Packing of(byte[] beginning) {
        if (begins(beginning, 0x1f, 0x8b)) {
            return GZIP;
        }
        return begins(beginning, 0x28, 0xb5, 0x2f, 0xfd) ? ZSTD : NONE;
    }

    private static boolean begins(byte[] bytes, int... magic) {
        for (int i = 0; i < magic.length; i++) {
            if (i >= bytes.length || Byte.toUnsignedInt(bytes[i]) != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
