package dev.pyro.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.agent.FreezeResult;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.machine.MachineSpec.Work;
import dev.pyro.machine.WorkVolumes.Frozen;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.machine.WorkVolumes.Owner;
import dev.pyro.machine.WorkVolumes.Stillness;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostCommand;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every form of a workspace's files promises, tried with real guests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
public abstract class WorkVolumesContractTest {
    protected static final Duration BOUND = Duration.ofMinutes(2);
    private static final Duration FREEZE_BOUND = Duration.ofSeconds(20);
    protected static final String EMPTY_TREE = "mkdir \"$1\"";
    protected static final long DISK_BYTES = MachineSpec.DEFAULT_WORK_DISK_BYTES;

    /** Everything that a tree may hold, made by root in the build namespace. */
    private static final String MAKE_TREE = """
            umask 022
            mkdir -p "$1/dir/empty" && cd "$1"
            echo hello >file && chmod 0640 file && touch -d @1600000000 file
            printf '#!/bin/sh\\necho runs\\n' >tool && chmod 0755 tool
            cp tool setuid && chmod 4755 setuid
            echo closed >closed && chmod 0000 closed
            ln -s ../etc/passwd link && ln file hardlink
            printf x >"$(printf 'new\\nline')" && printf y >"$(printf 'by\\377te')"
            truncate -s 1G sparse && printf end >>sparse
            """;

    protected final MachineSite site;

    /** The folder of layers of the test that runs. */
    protected Path folder = Path.of("/nowhere");

    private final Map<Integer, Layer> known = new HashMap<>();
    private int made;

    protected WorkVolumesContractTest(MachineSite site) {
        this.site = site;
    }

    @BeforeAll
    void prepareSite() throws IOException {
        site.prepare();
    }

    @BeforeEach
    protected final void makeFolder() {
        known.clear();
        folder = AtomicFiles.createDirectories(
                site.base().resolve("workspace-" + ++made).resolve("layers"));
    }

    @AfterEach
    void endMachines() throws IOException {
        try (var folders = Files.list(AtomicFiles.createDirectories(site.paths().vms()))) {
            for (Path one : folders.toList()) {
                site.backend().adopt(one).ifPresent(Machine::stop);
            }
        }
        BuildNamespace.ofThisUser().deleteTree(AtomicFiles.parent(folder), BOUND);
    }

    @AfterAll
    void deleteSite() {
        BuildNamespace.ofThisUser().deleteTree(site.base(), BOUND);
    }

    @ParameterizedTest
    @EnumSource(StartMode.class)
    void aTreeIsInTheMachineAsItWasStaged(StartMode mode) {
        Layer head = head(1, baseline(MAKE_TREE));
        Machine machine = start(head, mode);
        try (GuestSession session = GuestSession.inWorkspace(machine)) {
            assertThat(session.run("cd /workspace && stat -c '%n %u:%g %a' . file tool setuid closed dir dir/empty")
                            .output())
                    .isEqualTo(". 0:0 755\nfile 0:0 640\ntool 0:0 755\nsetuid 0:0 4755\nclosed 0:0 0\ndir 0:0 755\n"
                            + "dir/empty 0:0 755");
            assertThat(session.run("cd /workspace && cat file && ./tool && cat closed && readlink link")
                            .output())
                    .isEqualTo("hello\nruns\nclosed\n../etc/passwd");
            assertThat(session.run("cd /workspace && stat -c '%Y %h' file hardlink")
                            .output())
                    .isEqualTo("1600000000 2\n1600000000 2");
            assertThat(session.run(
                                    "cd /workspace && cat \"$(printf 'new\\nline')\" \"$(printf 'by\\377te')\"; find . -mindepth 1 -maxdepth 1 -print0 | tr -dc '\\0' | wc -c")
                            .output())
                    .isEqualTo("xy10");
            assertThat(session.run("cd /workspace && stat -c '%s %b' sparse && tail -c 3 sparse")
                            .output())
                    .matches("1073741827 [0-9]{1,3}\nend");
            assertThat(session.run("cd /workspace && echo more >>file && rm tool && mkdir new && sync"))
                    .isEqualTo(new GuestSession.Outcome(0, ""));
        }
    }

    @Test
    void anEmptyTreeIsAnEmptyFolder() {
        assertThat(inside(head(1, baseline(EMPTY_TREE)), "ls -a; stat -c '%u:%g %a' ."))
                .isEqualTo(".\n..\n0:0 755");
    }

    @Test
    void whatIsWrittenOutlivesTheMachine() {
        Layer head = head(1, baseline(EMPTY_TREE));
        inside(head, "echo kept >file");

        assertThat(inside(head, "cat file")).isEqualTo("kept");
    }

    @Test
    void aRunningMachineIsFrozenWithAllThatWasWrittenBefore() {
        Layer head = head(1, baseline(EMPTY_TREE));
        Machine machine = start(head, StartMode.TEMPLATE);
        Frozen frozen;
        try (GuestSession session = GuestSession.inWorkspace(machine)) {
            session.run("cd /workspace && echo before >a && echo before >b");
            frozen = freeze(head, 2, Optional.of(machine));
            assertThat(frozen.entries()).isGreaterThanOrEqualTo(2);
            assertThat(frozen.bytes()).isBetween(1L, 1L << 30);
            assertThat(session.run("cd /workspace && cat a && echo after >a && rm b && echo after >c && sync")
                            .output())
                    .isEqualTo("before");
        }
        machine.stop();
        String content = contentOf(frozen.frozen());

        assertThat(inside(frozen.head(), "cat a c; ls")).isEqualTo("after\nafter\na\nc");
        Layer reset = head(3, frozen.frozen());
        assertThat(inside(reset, "cat a b; ls")).isEqualTo("before\nbefore\na\nb");
        assertThat(inside(reset, "rm a b; ls")).isEmpty();
        assertThat(contentOf(frozen.frozen())).isEqualTo(content);
    }

    @Test
    void aStoppedMachineIsFrozen() {
        Layer head = head(1, baseline(EMPTY_TREE));
        inside(head, "echo before >a");
        Frozen frozen = freeze(head, 2, Optional.empty());
        String content = contentOf(frozen.frozen());
        inside(frozen.head(), "echo after >a");

        assertThat(contentOf(frozen.frozen())).isEqualTo(content);
        assertThat(inside(head(3, frozen.frozen()), "cat a")).isEqualTo("before");
        assertThat(inside(frozen.head(), "cat a")).isEqualTo("after");
    }

    @Test
    void oneMachineIsFrozenAgainAndAgainAndEachStateIsReadableAlone() {
        Layer head = head(1, baseline(EMPTY_TREE));
        Machine machine = start(head, StartMode.TEMPLATE);
        Map<Integer, Layer> states = new HashMap<>();
        try (GuestSession session = GuestSession.inWorkspace(machine)) {
            for (int i = 0; i < 4; i++) {
                assertThat(session.run("cd /workspace && echo " + i + " >>log && sync")
                                .exitCode())
                        .isZero();
                Frozen frozen = freeze(head, 2 + i, Optional.of(machine));
                states.put(i, frozen.frozen());
                head = frozen.head();
            }
        }
        machine.stop();
        Layer first = head(10, states.getOrDefault(0, head));
        // Deleting a layer that holds something of another would be the caller's mistake; that one stays.
        Layer middle = states.getOrDefault(2, head);
        if (known.values().stream()
                .noneMatch(layer -> Integer.valueOf(middle.id()).equals(layer.parent()))) {
            volumes().delete(folder, middle);
        }

        assertThat(inside(first, "cat log")).isEqualTo("0");
        assertThat(inside(head(11, states.getOrDefault(1, head)), "cat log")).isEqualTo("0\n1");
        assertThat(inside(head(12, states.getOrDefault(3, head)), "cat log")).isEqualTo("0\n1\n2\n3");
        volumes().delete(folder, first);
        volumes().delete(folder, first);
        assertThat(volumes().layers(folder)).doesNotContain(10).contains(0, 11, 12);
        assertThat(inside(head, "cat log")).isEqualTo("0\n1\n2\n3");
    }

    @Test
    void aFailedFreezeChangesNothing() {
        Layer head = head(1, baseline(EMPTY_TREE));
        Machine machine = start(head, StartMode.TEMPLATE);
        try (GuestSession session = GuestSession.inWorkspace(machine)) {
            session.run("echo before >/workspace/a");
            Stillness refusing = body -> {
                throw new PyroException(ErrorCode.GUEST_TIMEOUT, "it does not stand still");
            };
            assertThatThrownBy(() -> volumes().freeze(folder, head, 2, Optional.of(machine), refusing))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.GUEST_TIMEOUT));
            assertThat(volumes().layers(folder)).containsExactlyElementsOf(layersOf(head));
            assertThat(volumes().currentHead(folder, head, 2, Optional.of(machine)))
                    .isEqualTo(head);

            Frozen frozen = freeze(head, 2, Optional.of(machine));
            assertThat(session.run("cat /workspace/a && echo after >/workspace/a && sync")
                            .output())
                    .isEqualTo("before");
            machine.stop();
            assertThat(inside(frozen.head(), "cat a")).isEqualTo("after");
        }
    }

    @Test
    void deadMachineCannotBeFrozenAndLosesNothing() {
        Layer head = head(1, baseline(EMPTY_TREE));
        Machine machine = start(head, StartMode.TEMPLATE);
        try (GuestSession session = GuestSession.inWorkspace(machine)) {
            session.run("echo before >/workspace/a && sync");
        }
        Stillness killing = body -> {
            machine.stop();
            throw new PyroException(ErrorCode.MACHINE_DIED, "it has ended");
        };
        assertThatThrownBy(() -> volumes().freeze(folder, head, 2, Optional.of(machine), killing))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MACHINE_DIED));

        Layer settled = volumes().currentHead(folder, head, 2, Optional.empty());
        known.put(settled.id(), settled);
        assertThat(inside(settled, "cat a")).isEqualTo("before");
    }

    /** Makes the baseline of a tree that a script makes as root of the build namespace. */
    protected final Layer baseline(String script) {
        return baseline(script, Owner.ROOT);
    }

    protected final Layer baseline(String script, Owner owner) {
        Path tree = folder.resolveSibling("tree");
        HostCommand.Result result = BuildNamespace.ofThisUser()
                .run(HostCommand.of(BOUND, List.of("bash", "-euc", script, "bash", tree.toString())), line -> {});
        assertThat(result.exitCode()).as(result.output()).isZero();
        Layer layer = volumes().createBaseline(folder, tree, 20, 1 << 20, DISK_BYTES, owner);
        known.put(layer.id(), layer);
        return layer;
    }

    protected final Layer head(int id, Layer frozen) {
        Layer layer = volumes().createHead(folder, id, frozen);
        known.put(id, layer);
        return layer;
    }

    protected final Frozen freeze(Layer head, int freshId, Optional<Machine> running) {
        Frozen frozen = volumes().freeze(folder, head, freshId, running, stillness(running));
        known.put(frozen.head().id(), frozen.head());
        known.put(frozen.frozen().id(), frozen.frozen());
        return frozen;
    }

    /** Asks the guest agent, where there is one. */
    protected static Stillness stillness(Optional<Machine> running) {
        return body -> {
            if (running.isEmpty()) {
                body.run();
                return WorkVolumes.Usage.UNKNOWN;
            }
            try (GuestSession session = GuestSession.further(running.get())) {
                FreezeResult frozen = session.agent().freeze("/workspace", FREEZE_BOUND);
                body.run();
                assertThat(session.agent().thaw()).isTrue();
                return new WorkVolumes.Usage(frozen.usedInodes(), frozen.usedBytes());
            }
        };
    }

    protected final Machine start(Layer head, StartMode mode) {
        return site.backend()
                .start(
                        site.spec(String.format("vm-%012x", ++made), true, mode, new Work(folder, chain(head))),
                        Progress.Listener.NONE);
    }

    /** Runs a command in a machine that writes to a layer, and ends the machine. */
    protected final String inside(Layer head, String command) {
        Machine machine = start(head, StartMode.TEMPLATE);
        try (GuestSession session = GuestSession.inWorkspace(machine)) {
            String output = session.run("cd /workspace && " + command).output();
            session.run("sync");
            return output;
        } finally {
            machine.stop();
        }
    }

    /** Returns the layers from the one that holds everything to the given one. */
    protected final List<Layer> chain(Layer head) {
        ArrayDeque<Layer> chain = new ArrayDeque<>(List.of(head));
        for (Integer parent = head.parent();
                parent != null;
                parent = chain.getFirst().parent()) {
            chain.addFirst(known.getOrDefault(parent, new Layer(parent, null)));
        }
        return List.copyOf(chain);
    }

    private List<Integer> layersOf(Layer head) {
        return List.of(WorkVolumes.BASELINE, head.id());
    }

    protected final WorkVolumes volumes() {
        return site.backend().volumes();
    }

    /** Returns a digest of a layer's content. */
    private String contentOf(Layer layer) {
        String script = "cd \"$1\" && find . -path \"./$2*\" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum";
        return HostCommand.of(
                        BOUND, List.of("bash", "-euc", script, "bash", folder.toString(), Integer.toString(layer.id())))
                .runOrFail("read a layer");
    }
}
