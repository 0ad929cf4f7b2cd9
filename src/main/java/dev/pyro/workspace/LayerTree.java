package dev.pyro.workspace;

import dev.pyro.machine.WorkVolumes;
import dev.pyro.machine.WorkVolumes.Frozen;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which layers a workspace's files are made of. Immutable.
 *
 * @param layers all that are needed
 * @param head the number of the one that is written
 * @param nextId a number that no layer has had
 * @param pending the number of a layer that may have become the head in this moment, or null
 * @param states the snapshots, the baseline first
 * @param sealedAt what has not changed since, nor differs from the baseline otherwise, is as it was in the baseline
 */
record LayerTree(
        List<Layer> layers, int head, int nextId, @Nullable Integer pending, List<State> states, Instant sealedAt) {
    LayerTree {
        layers = List.copyOf(layers);
        states = List.copyOf(states);
    }

    /**
     * A snapshot.
     *
     * @param snapshot what it is called and holds
     * @param layer the frozen layer that holds it
     */
    record State(Snapshot snapshot, int layer) {}

    /** A workspace that was just made: a baseline, and a head on it. */
    static LayerTree of(Layer baseline, Layer head, Snapshot snapshot, Instant sealedAt) {
        return new LayerTree(
                List.of(baseline, head),
                head.id(),
                head.id() + 1,
                null,
                List.of(new State(snapshot, baseline.id())),
                sealedAt);
    }

    Layer layer(int id) {
        return layers.stream()
                .filter(layer -> layer.id() == id)
                .findFirst()
                .orElseThrow(() -> new PyroException(
                        ErrorCode.RECORD_CORRUPT, "the record names the layer " + id + ", which it does not describe"));
    }

    /** Returns the layers from the one that holds everything to this one. */
    List<Layer> chain(int id) {
        List<Layer> chain = new ArrayList<>();
        for (Integer next = id; next != null; next = chain.getFirst().parent()) {
            if (chain.size() > layers.size()) {
                throw new PyroException(ErrorCode.RECORD_CORRUPT, "the layers of the record form a circle");
            }
            chain.addFirst(layer(next));
        }
        return chain;
    }

    List<Layer> headChain() {
        return chain(head);
    }

    Optional<State> state(String name) {
        return states.stream()
                .filter(state -> state.snapshot().name().equals(name))
                .findFirst();
    }

    State baseline() {
        return states.getFirst();
    }

    /** Announces that the head is about to move to the next number. */
    LayerTree withPending() {
        return new LayerTree(layers, head, nextId + 1, nextId, states, sealedAt);
    }

    /** The head was frozen, under a name. */
    LayerTree frozen(Frozen frozen, Snapshot snapshot) {
        List<State> more = new ArrayList<>(states);
        more.add(new State(snapshot, frozen.frozen().id()));
        return with(frozen.frozen(), frozen.head(), more);
    }

    /** The head moved, and nobody had written that down. */
    LayerTree settled(Layer actual) {
        return with(layer(head), actual, states);
    }

    private LayerTree with(Layer frozen, Layer newHead, List<State> newStates) {
        List<Layer> all = new ArrayList<>(layers);
        all.removeIf(layer -> layer.id() == frozen.id() || layer.id() == newHead.id());
        all.add(frozen);
        if (frozen.id() != newHead.id()) {
            all.add(newHead);
        }
        return new LayerTree(all, newHead.id(), nextAfter(frozen, newHead), null, newStates, sealedAt)
                .withoutUnreachable();
    }

    private int nextAfter(Layer one, Layer other) {
        return Math.max(nextId, Math.max(one.id(), other.id()) + 1);
    }

    /** A new head stands on an earlier state. A head that is a copy is as old as the copy. */
    LayerTree resetTo(Layer newHead, Instant now) {
        List<Layer> all = new ArrayList<>(layers);
        all.add(newHead);
        return new LayerTree(
                        all,
                        newHead.id(),
                        nextAfter(newHead, newHead),
                        null,
                        states,
                        newHead.parent() == null ? now : sealedAt)
                .withoutUnreachable();
    }

    LayerTree without(String snapshotName) {
        return new LayerTree(
                        layers,
                        head,
                        nextId,
                        pending,
                        states.stream()
                                .filter(state -> !state.snapshot().name().equals(snapshotName))
                                .toList(),
                        sealedAt)
                .withoutUnreachable();
    }

    private LayerTree withoutUnreachable() {
        Set<Integer> needed = new HashSet<>();
        chain(head).forEach(layer -> needed.add(layer.id()));
        states.forEach(state -> chain(state.layer()).forEach(layer -> needed.add(layer.id())));
        return new LayerTree(
                layers.stream().filter(layer -> needed.contains(layer.id())).toList(),
                head,
                nextId,
                pending,
                states,
                sealedAt);
    }

    /** Tells whether a layer on disk belongs to this tree. */
    boolean needs(int id) {
        return (pending != null && pending == id) || layers.stream().anyMatch(layer -> layer.id() == id);
    }

    /** Returns the layers on disk that nothing needs. */
    static List<Layer> unneeded(LayerTree tree, WorkVolumes volumes, java.nio.file.Path folder) {
        return volumes.layers(folder).stream()
                .filter(id -> !tree.needs(id))
                .map(id -> new Layer(id, null))
                .toList();
    }
}
