package dev.pyro.bench;

import java.util.Arrays;
import java.util.Locale;

/** A row of the table; {@code wanted} may be empty. */
record Row(String benchmark, String measured, String result, String range, String wanted) {
    static Row seconds(String benchmark, String measured, double[] values, String wanted) {
        return of(benchmark, measured, values, "%.3f s", wanted);
    }

    static Row of(String benchmark, String measured, double[] values, String format, String wanted) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        String range = String.format(Locale.ROOT, format, sorted[0]) + " to "
                + String.format(Locale.ROOT, format, sorted[sorted.length - 1]) + ", " + sorted.length + " runs";
        return new Row(benchmark, measured, String.format(Locale.ROOT, format, median(values)), range, wanted);
    }

    static Row ratio(String benchmark, String measured, double[] values, double[] base, String wanted) {
        return new Row(
                benchmark, measured, String.format(Locale.ROOT, "%.2f", median(values) / median(base)), "", wanted);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
