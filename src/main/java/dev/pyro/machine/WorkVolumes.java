package dev.pyro.machine;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostTool;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files of workspaces on the host: layers in one folder a workspace. Each back end has a form of its own; what they hold is the same.
 *
 * <p>Layers are numbered. Layer 0 is the baseline; it and every frozen layer are never written again. Exactly one layer, the head, is
 * what a machine writes to. Implementations are safe for use by several threads; whoever changes a workspace's layers holds its lock. A
 * method that was killed leaves at most a layer that no record names, which {@link #delete} removes or the next call overwrites.
 *
 * <p>There is one exception: a running machine that was being frozen may write to the fresh layer already. So the number of the fresh
 * layer is written down before {@link #freeze} is called, at a moment when there is no layer of that number; and after a freeze that was
 * killed or failed, {@link #currentHead} is asked before a machine is started and before any layer is deleted.
 */
public interface WorkVolumes {
    /** The number of the baseline. */
    int BASELINE = 0;

    /** With so many layers a workspace gets no further snapshot: each one more makes reading a little slower. */
    int MAX_LAYERS = 120;

    /**
     * Makes sure that one more layer may be made.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_LIMIT_REACHED}
     */
    static void requireRoom(List<Integer> layers) {
        if (layers.size() >= MAX_LAYERS) {
            throw new PyroException(
                    ErrorCode.WORKSPACE_LIMIT_REACHED,
                    "the workspace has " + layers.size() + " layers, and cannot have more than " + MAX_LAYERS
                            + "; delete its snapshots and reset it to an old one, or export what it holds into a new workspace");
        }
    }

    /** Returns the host's tools that it takes. */
    Set<HostTool> tools();

    /**
     * One layer.
     *
     * @param id its number, unique in its folder for ever
     * @param parent the frozen layer that it lies on, or null when it holds everything itself
     */
    record Layer(int id, @Nullable Integer parent) {}

    /**
     * Whom files belong to in a machine.
     *
     * @param uid the user's number, unsigned
     * @param gid the group's number, unsigned
     */
    record Owner(int uid, int gid) {
        public static final Owner ROOT = new Owner(0, 0);
    }

    /**
     * What was the head, made still.
     *
     * @param frozen the layer that holds the state now and for ever
     * @param head the layer that is written from now on
     * @param entries how many inodes are in use, or files where that cannot be known at once
     * @param bytes how much of the disk they take
     */
    record Frozen(Layer frozen, Layer head, long entries, long bytes) {}

    /**
     * Makes the baseline of a tree that was staged. What is in the tree belongs to root in the build namespace ({@code
     * dev.pyro.os.BuildNamespace}); in a machine all of it, and the top folder, belongs to one user. The tree stays as it is.
     *
     * @param folder the workspace's folder of layers, which exists and is empty
     * @param tree the staged tree
     * @param entries how many files, directories and links it has
     * @param contentBytes how much of a disk it takes
     * @param diskBytes the virtual size of the disk
     * @param owner whom it all belongs to in a machine; root where machines have no other user
     * @throws PyroException {@link ErrorCode#DISK_FULL}, {@link ErrorCode#SEED_UNUSABLE} when the tree does not fit on such a disk,
     *     {@link ErrorCode#HOST_TOOL_FAILED}
     */
    Layer createBaseline(Path folder, Path tree, long entries, long contentBytes, long diskBytes, Owner owner);

    /**
     * Makes a layer that starts as a frozen one is, to be the head of a machine that is not started yet. Constant time on disks.
     *
     * @throws PyroException {@link ErrorCode#DISK_FULL}, {@link ErrorCode#HOST_TOOL_FAILED}
     */
    Layer createHead(Path folder, int id, Layer frozen);

    /**
     * Freezes the state of the head, running or not, at one instant: what programs have written before is in it.
     *
     * @param folder the workspace's folder of layers
     * @param head what is written now
     * @param freshId a number that no layer has had
     * @param running the machine that writes, or empty
     * @param agent asks the machine's agent to hold its file system still while {@code body} runs; does nothing when it does not run
     * @throws PyroException {@link ErrorCode#MACHINE_DIED}, {@link ErrorCode#GUEST_TIMEOUT}, {@link ErrorCode#DISK_FULL}, {@link
     *     ErrorCode#WORKSPACE_LIMIT_REACHED} when there are {@link #MAX_LAYERS}; nothing has changed then, unless {@link
     *     #currentHead} says otherwise
     */
    Frozen freeze(Path folder, Layer head, int freshId, Optional<Machine> running, Stillness agent);

    /**
     * Returns what the head is when a process was killed during {@link #freeze}, which then had or had not happened.
     *
     * @param head what it was before
     * @param pending the number that was the fresh one
     * @param running the machine that writes, or empty
     */
    Layer currentHead(Path folder, Layer head, int pending, Optional<Machine> running);

    /** Deletes a layer that is no longer needed; does nothing when it is gone. */
    void delete(Path folder, Layer layer);

    /** Returns the numbers of the layers that are there, whether a record names them or not. */
    List<Integer> layers(Path folder);

    /**
     * Opens the files of a machine that does not run.
     *
     * @throws PyroException {@link ErrorCode#STORAGE_UNUSABLE}, {@link ErrorCode#HOST_TOOL_FAILED}
     */
    OfflineDisk open(Offline offline);

    /**
     * What is opened.
     *
     * @param root the environment and the machine's folder, or empty for a volume alone, whose paths then start at its own top
     * @param folder the workspace's folder of layers
     * @param chain the layers from the one that holds everything to the one that is read
     */
    record Offline(Optional<Root> root, Path folder, List<Layer> chain) {
        public Offline {
            chain = List.copyOf(chain);
        }

        /** The root disk of a machine: its environment, and its own folder with what it wrote over that. */
        public record Root(EnvironmentRoot environment, Path machineFolder) {}
    }

    /** Holds a running machine's file system of the workspace still. */
    @FunctionalInterface
    interface Stillness {
        /**
         * Runs the body while nothing is written, for a few seconds at most.
         *
         * @return how many inodes and bytes are in use, or zeros when that is not known
         * @throws PyroException when the file system did not stay still until the body's end
         */
        Usage during(Runnable body);
    }

    /**
     * What a file system holds.
     *
     * @param entries inodes in use
     * @param bytes bytes in use
     */
    record Usage(long entries, long bytes) {
        /** Not known. */
        public static final Usage UNKNOWN = new Usage(0, 0);
    }
}
