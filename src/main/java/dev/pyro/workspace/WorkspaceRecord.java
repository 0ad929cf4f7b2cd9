package dev.pyro.workspace;

import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.WorkVolumes.Owner;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.NetworkPolicy;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceSecret;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.os.ProcessIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a workspace, {@code workspace.json}; {@code docs/state-format.md} describes it. Immutable.
 *
 * @param id its id
 * @param origin what never changes
 * @param title what people call it
 * @param life whether it runs
 * @param files what its files are made of, or null while it is being made
 * @param freshRoot whether nothing was ever run on the root of this generation, so that it can be thrown away
 * @param generation the number of the folders of its machine and of its history; every reset takes the next one
 * @param lastActivityAt when this record says that it was used last
 * @param resetCount how often it was reset
 * @param lastResetAt when it was last reset, or null
 */
record WorkspaceRecord(
        WorkspaceId id,
        Origin origin,
        Title title,
        Life life,
        @Nullable LayerTree files,
        boolean freshRoot,
        int generation,
        Instant lastActivityAt,
        long resetCount,
        @Nullable Instant lastResetAt) {
    /**
     * What is settled when a workspace is created.
     *
     * @param environment the environment's name
     * @param environmentVersion the version of its definition
     * @param environmentDigest what its root starts from
     * @param backend the back end that runs it
     * @param executionMode how commands are run in it
     * @param vcpuCount virtual processors
     * @param memMib memory in MiB
     * @param diskMib the size of its disk in MiB
     * @param ttl how long it lives after its last use
     * @param networkPolicy what it can reach
     * @param createdAt when it was created
     * @param seed what its files started from
     * @param secrets the names of its secrets, whose values are files of their own
     * @param image how commands run in it, or null for an environment of the catalogue
     */
    record Origin(
            String environment,
            String environmentVersion,
            String environmentDigest,
            String backend,
            ExecutionMode executionMode,
            int vcpuCount,
            int memMib,
            int diskMib,
            Duration ttl,
            NetworkPolicy networkPolicy,
            Instant createdAt,
            WorkspaceSeed seed,
            List<WorkspaceSecret> secrets,
            @Nullable ImageSettings image) {
        private static final int MIB_SHIFT = 20;

        Origin {
            secrets = List.copyOf(secrets);
        }

        Origin withSeed(WorkspaceSeed newSeed) {
            return new Origin(
                    environment,
                    environmentVersion,
                    environmentDigest,
                    backend,
                    executionMode,
                    vcpuCount,
                    memMib,
                    diskMib,
                    ttl,
                    networkPolicy,
                    createdAt,
                    newSeed,
                    secrets,
                    image);
        }

        long diskBytes() {
            return (long) diskMib << MIB_SHIFT;
        }

        /** Returns whom its files belong to at first: the user as whom its commands run, so that he can work there. */
        Owner owner() {
            @Nullable Integer uid = image == null ? null : image.uid();
            @Nullable Integer gid = image == null ? null : image.gid();
            return uid == null ? Owner.ROOT : new Owner(uid, gid == null ? Owner.ROOT.gid() : gid);
        }

        NetworkMode networkMode() {
            return networkMode(networkPolicy);
        }

        /** Returns the network that a machine with this policy has. */
        static NetworkMode networkMode(NetworkPolicy policy) {
            return switch (policy) {
                case OFF -> NetworkMode.NONE;
                case EGRESS -> NetworkMode.EGRESS;
                case EGRESS_PUBLISHED_PORTS -> NetworkMode.EGRESS_PUBLISHED;
            };
        }
    }

    /**
     * What people call it.
     *
     * @param name its unique name, or null
     * @param labels the caller's own notes
     */
    record Title(@Nullable String name, Map<String, String> labels) {
        Title {
            labels = Map.copyOf(labels);
        }
    }

    /** Whether it runs. */
    sealed interface Life {
        /** It is being made by this process; when that is dead, it is nothing. */
        record Creating(ProcessIdentity creator) implements Life {}

        /** Its machine is being started; when nobody holds the lock, whoever did that was killed. */
        record Starting() implements Life {}

        /** Its machine was started in this boot of the host. */
        record Started(String bootId) implements Life {}

        /** Its machine was ended. */
        record Stopped() implements Life {}
    }

    LayerTree requireFiles() {
        if (files == null) {
            throw new IllegalStateException(id + " has no files yet");
        }
        return files;
    }

    WorkspaceRecord withTitle(Title newTitle) {
        return new WorkspaceRecord(
                id, origin, newTitle, life, files, freshRoot, generation, lastActivityAt, resetCount, lastResetAt);
    }

    WorkspaceRecord withOrigin(Origin newOrigin) {
        return new WorkspaceRecord(
                id, newOrigin, title, life, files, freshRoot, generation, lastActivityAt, resetCount, lastResetAt);
    }

    WorkspaceRecord withLife(Life newLife) {
        return new WorkspaceRecord(
                id, origin, title, newLife, files, freshRoot, generation, lastActivityAt, resetCount, lastResetAt);
    }

    WorkspaceRecord withStarted() {
        return new WorkspaceRecord(
                id,
                origin,
                title,
                new Life.Started(ProcessIdentity.currentBootId()),
                files,
                false,
                generation,
                lastActivityAt,
                resetCount,
                lastResetAt);
    }

    WorkspaceRecord withFiles(LayerTree newFiles) {
        return new WorkspaceRecord(
                id, origin, title, life, newFiles, freshRoot, generation, lastActivityAt, resetCount, lastResetAt);
    }

    WorkspaceRecord withActivity(Instant at) {
        return new WorkspaceRecord(id, origin, title, life, files, freshRoot, generation, at, resetCount, lastResetAt);
    }

    /** A fresh root on other files, which is about to be started. */
    WorkspaceRecord withReset(LayerTree newFiles, Instant at) {
        return new WorkspaceRecord(
                id, origin, title, new Life.Starting(), newFiles, true, generation + 1, at, resetCount + 1, at);
    }
}
