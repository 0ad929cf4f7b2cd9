package dev.pyro.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.Secret;
import dev.pyro.model.WorkspaceId;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {
    private static final WorkspaceId ID = new WorkspaceId("ws-0123456789ab");
    private static final Secrets SECRETS =
            new Secrets("workspace " + ID, Map.of("TOKEN", "hunter2", "CERT", "line one\nline two\n"));

    @TempDir
    Path folder;

    @Test
    void aCallGetsTheVariablesThatItAsksFor() {
        assertThat(SECRETS.environment(Map.of("TOKEN", "GH_TOKEN"))).isEqualTo(Map.of("GH_TOKEN", "hunter2"));
        assertThat(SECRETS.environment(Map.of("TOKEN", "A", "CERT", "B")))
                .isEqualTo(Map.of("A", "hunter2", "B", "line one\nline two\n"));
        assertThat(Secrets.NONE.environment(Map.of())).isEmpty();
    }

    @Test
    void anUnknownSecretIsRefusedWithThoseThatThereAre() {
        assertThatThrownBy(() -> SECRETS.environment(Map.of("TOKENS", "A")))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SECRET_NOT_FOUND))
                .hasMessage("workspace ws-0123456789ab has no secret TOKENS; it has CERT, TOKEN");
        assertThatThrownBy(() -> new Secrets("workspace ws-1", Map.of()).environment(Map.of("A", "A")))
                .hasMessage(
                        "workspace ws-1 has no secret A; it has none: secrets are given when a workspace is created");
        assertThatThrownBy(() -> SECRETS.environment(Map.of("hunter2", "A")))
                .hasMessageContaining("has no secret ***; it has");
    }

    @Test
    void valuesAreFilesThatOnlyTheirOwnerReads() throws IOException {
        WorkspaceStore store = new WorkspaceStore(new PyroPaths(folder.resolve("cache"), folder.resolve("state")));
        store.putSecrets(ID, List.of(Secret.literal("TOKEN", "hunter2"), Secret.literal("CERT", "a\u00e4\n")));

        Path secrets = folder.resolve("state/workspaces/ws-0123456789ab/secrets");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secrets)))
                .isEqualTo("rwx------");
        try (var files = Files.list(secrets)) {
            assertThat(files).containsExactlyInAnyOrder(secrets.resolve("TOKEN"), secrets.resolve("CERT"));
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secrets.resolve("TOKEN"))))
                .isEqualTo("rw-------");
        assertThat(secrets.resolve("CERT")).hasContent("a\u00e4\n");
        assertThat(store.findSecret(ID, "CERT")).hasValue("a\u00e4\n");
        assertThat(store.findSecret(ID, "NONE")).isEmpty();

        store.delete(ID);
        assertThat(store.findSecret(ID, "TOKEN")).isEmpty();
        assertThat(secrets).doesNotExist();
    }

    @Test
    void aWorkspaceWithoutSecretsHasNoFolderOfThem() {
        WorkspaceStore store = new WorkspaceStore(new PyroPaths(folder.resolve("cache"), folder.resolve("state")));
        store.putSecrets(ID, List.of());
        assertThat(folder.resolve("state")).doesNotExist();
    }
}
