package dev.pyro.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What stat(2) says about a file, links followed.
 *
 * @param mode type and permission bits
 * @param uid its owner
 * @param gid its group
 * @param size in bytes
 * @param inode its number on its file system
 * @param changeNanos when its content or attributes changed last; only the kernel sets it
 */
public record FileStatus(int mode, int uid, int gid, long size, long inode, long changeNanos) {
    /**
     * Asks the kernel.
     *
     * @throws IOException when there is no such file
     */
    public static FileStatus of(Path file) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(file, "unix:mode,uid,gid,size,ino,ctime");
        return new FileStatus(
                (Integer) value(attributes, "mode"),
                (Integer) value(attributes, "uid"),
                (Integer) value(attributes, "gid"),
                (Long) value(attributes, "size"),
                (Long) value(attributes, "ino"),
                ((FileTime) value(attributes, "ctime")).to(TimeUnit.NANOSECONDS));
    }

    /**
     * Returns what tells a finished file from one that was written to, replaced or given other attributes since: nobody can set
     * the time of change back. Renaming a folder above the file does not change it.
     */
    public String stamp() {
        return size + " " + inode + " " + changeNanos;
    }

    private static Object value(Map<String, Object> attributes, String name) {
        return Objects.requireNonNull(attributes.get(name), name);
    }
}
