package dev.pyro.machine.qemu;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.machine.WorkVolumes.Stillness;
import dev.pyro.machine.WorkVolumes.Usage;
import dev.pyro.machine.qemu.QmpClient.Command;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.Undisturbed;
import dev.pyro.store.AtomicFiles;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Moves a running machine from one layer to a fresh one over it, so that the first is frozen.
 *
 * @param files where the layers are
 * @param head what the machine writes
 * @param fresh made already, and empty
 * @param machine the machine
 */
record LiveSnapshot(LayerFiles files, Layer head, Layer fresh, QemuMachine machine) {
    /** While the guest waits, QEMU has only to flush its caches. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);

    /**
     * Takes the snapshot.
     *
     * @throws PyroException when the machine still writes to the old head, and the fresh layer is gone; or when nobody knows what
     *     it writes to, and the fresh layer is there
     */
    Usage take(Stillness agent) {
        boolean[] moved = new boolean[1];
        Usage usage = Usage.UNKNOWN;
        try (QmpClient control = open()) {
            prepare(control);
            usage = agent.during(() -> Undisturbed.run(() -> {
                move(control);
                moved[0] = true;
            }));
            // Without this nobody could read the layer.
            Undisturbed.run(() -> release(control));
        } catch (RuntimeException e) {
            // Whatever went wrong after QEMU has moved on, the old head is frozen: in the state of a disk whose power
            // was cut after
            // everything was written to it.
            if (!moved[0] && !settle()) {
                throw e instanceof PyroException failure ? explained(failure) : e;
            }
        }
        return usage;
    }

    /**
     * Finds out whether the machine writes to the fresh layer; when it does not, that is deleted.
     *
     * @throws PyroException when the machine does not say; nothing is deleted then
     */
    boolean settle() {
        // An interrupted caller still has to know what the machine writes to.
        return Undisturbed.call(() -> {
            try (QmpClient control = open()) {
                if (QemuCommandLine.node(fresh).equals(drive(control))) {
                    return true;
                }
                forget(control);
            } catch (PyroException e) {
                throw explained(e);
            }
            AtomicFiles.deleteTree(files.file(fresh));
            return false;
        });
    }

    private QmpClient open() {
        return machine.openControl(ANSWER_TIMEOUT);
    }

    private void prepare(QmpClient control) {
        forget(control);
        JsonObject file = JsonObject.builder()
                .put("driver", "file")
                .put("node-name", QemuCommandLine.fileNode(fresh))
                .put("filename", files.file(fresh).toString())
                .put("auto-read-only", true)
                .put("discard", "unmap")
                .build();
        JsonObject format = JsonObject.builder()
                .put("driver", "qcow2")
                .put("node-name", QemuCommandLine.node(fresh))
                .put("file", QemuCommandLine.fileNode(fresh))
                // Not the one that its header names: QEMU puts the head there.
                .put("backing", (JsonValue) null)
                .put("discard", "unmap")
                .build();
        control.execute(List.of(new Command("blockdev-add", file), new Command("blockdev-add", format)));
    }

    private void move(QmpClient control) {
        control.execute(List.of(new Command(
                "blockdev-snapshot",
                JsonObject.builder()
                        .put("node", QemuCommandLine.node(head))
                        .put("overlay", QemuCommandLine.node(fresh))
                        .build())));
        String drive = drive(control);
        if (!QemuCommandLine.node(fresh).equals(drive)) {
            throw new PyroException(
                    ErrorCode.HOST_TOOL_FAILED,
                    "machine " + machine.id() + " writes to " + drive + " after its snapshot");
        }
    }

    /** Makes QEMU give up its right to write the old head, and with that its lock: others may read it from now on. */
    private void release(QmpClient control) {
        JsonValue.Builder options = JsonObject.builder()
                .put("driver", "qcow2")
                .put("node-name", QemuCommandLine.node(head))
                .put("file", QemuCommandLine.fileNode(head))
                .put("read-only", true);
        Integer parent = head.parent();
        if (parent != null) {
            options.put("backing", QemuCommandLine.node(new Layer(parent, null)));
        }
        control.execute(List.of(new Command(
                "blockdev-reopen",
                JsonObject.builder()
                        .put("options", new JsonValue.JsonArray(List.of(options.build())))
                        .build())));
    }

    /** Drops the nodes of a fresh layer that nobody uses. */
    private void forget(QmpClient control) {
        forget(control, QemuCommandLine.node(fresh));
        forget(control, QemuCommandLine.fileNode(fresh));
    }

    private static void forget(QmpClient control, String node) {
        try {
            control.execute(List.of(new Command(
                    "blockdev-del", JsonObject.builder().put("node-name", node).build())));
        } catch (PyroException e) {
            // There is none, as a rule. What else is wrong shows in the next command.
            return;
        }
    }

    private static @Nullable String drive(QmpClient control) {
        JsonValue answer = control.execute(List.of(new Command(
                        "qom-get",
                        JsonObject.builder()
                                .put("path", "/machine/peripheral/" + QemuCommandLine.WORK_DEVICE)
                                .put("property", "drive")
                                .build())))
                .getFirst();
        return answer instanceof JsonString(String node) ? node : null;
    }

    private PyroException explained(PyroException failure) {
        if (failure.code() != ErrorCode.MACHINE_START_FAILED) {
            return failure;
        }
        if (!machine.isAlive()) {
            return machine.died();
        }
        return DiskRoom.explain(
                new PyroException(
                        ErrorCode.HOST_TOOL_FAILED,
                        "cannot take a snapshot of machine " + machine.id() + ": " + failure.getMessage(),
                        failure),
                files.folder());
    }
}
