package dev.pyro.image;

import dev.pyro.tar.SparseMap;
import java.util.Arrays;

/** Where a file has content, while it is found out: never more regions than an archive may list. Not safe for use by several threads. */
final class RegionList {
    private final int most;
    private long[] numbers = new long[2];
    private int count;
    private long leastHole;
    private long filledBytes;

    /**
     * @param leastHole a shorter hole counts as content
     */
    RegionList(long leastHole) {
        this(leastHole, SparseMap.MAX_REGIONS);
    }

    RegionList(long leastHole, int most) {
        this.leastHole = leastHole;
        this.most = most;
    }

    /** Adds content behind what was added before; it is empty at the end of a file that ends with a hole. */
    void add(long begin, long end) {
        long before = count == 0 ? 0 : end(count - 1);
        if (begin - before < leastHole) {
            if (count == 0) {
                append(before, end);
            } else {
                numbers[2 * count - 1] = end - numbers[2 * count - 2];
            }
        } else if (begin < end) {
            append(begin, end);
        }
    }

    private void append(long begin, long end) {
        if (begin == end) {
            return;
        }
        if (count == most) {
            thin();
        }
        if (2 * count == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * numbers.length);
        }
        numbers[2 * count] = begin;
        numbers[2 * count + 1] = end - begin;
        count++;
    }

    /** Fills the shortest holes, until half of the regions are left. */
    private void thin() {
        while (count > most / 2) {
            leastHole *= 2;
            int kept = 1;
            for (int i = 1; i < count; i++) {
                long hole = numbers[2 * i] - end(kept - 1);
                if (hole < leastHole) {
                    filledBytes += hole;
                    numbers[2 * kept - 1] += hole + numbers[2 * i + 1];
                } else {
                    numbers[2 * kept] = numbers[2 * i];
                    numbers[2 * kept + 1] = numbers[2 * i + 1];
                    kept++;
                }
            }
            count = kept;
        }
    }

    private long end(int index) {
        return numbers[2 * index] + numbers[2 * index + 1];
    }

    /** Returns how many bytes of holes count as content only because there were too many of them. */
    long filledBytes() {
        return filledBytes;
    }

    /** Returns the regions. */
    SparseMap map() {
        return new SparseMap(Arrays.copyOf(numbers, 2 * count));
    }
}
