package dev.pyro.tar;

/** Where a file with holes has content: regions in ascending order. Immutable: whoever gives the array does not change it any more. */
public final class SparseMap {
    /** More would be an attack. */
    public static final int MAX_REGIONS = 100_000;

    private final long[] regions;

    /**
     * @param regions offset and length of each region, one after the other; there may be none
     */
    public SparseMap(long[] regions) {
        this.regions = regions;
    }

    /**
     * Refuses a list that is too long, while it is read.
     *
     * @param numbers two for each region
     */
    static void requireFew(long numbers) throws BadArchiveException {
        if (numbers > 2L * MAX_REGIONS) {
            throw new BadArchiveException("a file has more than " + MAX_REGIONS + " holes");
        }
    }

    /** Returns how many regions there are. */
    public int count() {
        return regions.length / 2;
    }

    /** Returns where a region begins. */
    public long offset(int index) {
        return regions[2 * index];
    }

    /** Returns how many bytes a region has. */
    public long length(int index) {
        return regions[2 * index + 1];
    }

    /** Returns where a region ends. */
    public long end(int index) {
        return offset(index) + length(index);
    }

    /** Returns how many bytes of content there are. */
    public long dataBytes() {
        long sum = 0;
        for (int i = 0; i < count(); i++) {
            sum += length(i);
        }
        return sum;
    }

    /** Tells whether the regions are in order and lie in a file of this size. */
    boolean fits(long size) {
        long end = 0;
        for (int i = 0; i < count(); i++) {
            if (offset(i) < end || length(i) < 0 || offset(i) > size || length(i) > size - offset(i)) {
                return false;
            }
            end = end(i);
        }
        return regions.length % 2 == 0;
    }

    /** Returns the regions with one of no length at the end of the file, unless the last one ends there. */
    SparseMap untilEnd(long size) {
        if (count() > 0 && end(count() - 1) == size) {
            return this;
        }
        long[] longer = java.util.Arrays.copyOf(regions, regions.length + 2);
        longer[regions.length] = size;
        return new SparseMap(longer);
    }
}
