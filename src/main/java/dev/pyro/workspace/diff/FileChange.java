package dev.pyro.workspace.diff;

/** One change of a path, the way a patch makes them. Directories that are missing above a written path are to be made. */
public sealed interface FileChange {
    /** Returns the path below the workspace. */
    String path();

    /**
     * A regular file with this content, new or in place of the one that is there.
     *
     * @param path the path
     * @param mode its permission bits
     * @param content the whole content; shared, not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent") // it is large, and nobody compares it
    record Write(String path, int mode, byte[] content) implements FileChange {}

    /**
     * A symbolic link, new or in place of the one that is there.
     *
     * @param path the path
     * @param target where it leads; never followed
     */
    record Link(String path, String target) implements FileChange {}

    /**
     * Other permission bits for the regular file that is there.
     *
     * @param path the path
     * @param mode its permission bits
     */
    record Mode(String path, int mode) implements FileChange {}

    /**
     * The file or link at the path goes; or a directory, which is empty by then.
     *
     * @param path the path
     * @param directory whether it is a directory
     */
    record Delete(String path, boolean directory) implements FileChange {}
}
