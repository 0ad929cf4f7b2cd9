package dev.pyro.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the kernel says about a process's memory, in bytes; 0 when the process has ended. */
final class ProcessMemory {
    private ProcessMemory() {}

    /** Returns the most that was resident at a time. */
    static long peakRss(long pid) {
        return sum(pid, "status", "VmHWM");
    }

    /** Returns what is resident. */
    static long rss(long pid) {
        return sum(pid, "status", "VmRSS");
    }

    /** Returns what is resident and shared with nobody: what this process costs the host. */
    static long privateBytes(long pid) {
        return sum(pid, "smaps_rollup", "Private_Clean|Private_Dirty");
    }

    private static long sum(long pid, String file, String names) {
        try {
            Matcher matcher = Pattern.compile("^(?:" + names + "):\\s+(\\d+) kB", Pattern.MULTILINE)
                    .matcher(Files.readString(Path.of("/proc", Long.toString(pid), file)));
            long sum = 0;
            while (matcher.find()) {
                sum += Long.parseLong(matcher.group(1)) * 1024;
            }
            return sum;
        } catch (IOException e) {
            return 0;
        }
    }
}
