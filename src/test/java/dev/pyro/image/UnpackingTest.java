package dev.pyro.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.disk.Ext4Images;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.tar.Tar;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarReader;
import dev.pyro.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UnpackingTest {
    private static final String FEW = "         0       1000          1\n         1     100000       1000\n";
    private static final String MANY = "         0       1000          1\n         1     100000     100000\n";

    @Test
    void aDiskThatCompressesDoesNotMakeTheFileSystemSmall() throws IOException {
        byte[] layer = new Tar()
                .directory("d")
                .file("d/f", "x".repeat(10_000))
                .file("g", "")
                .end();
        TreeWriter writer = new TreeWriter(Layers.merge(Layers.BOUNDS, layer));
        assertThat(writer.content(new Ext4Images.Content(512, 4)))
                .isEqualTo(new Ext4Images.Content(4096 + 3 * 4096 + 4 * 4096, 4));
        assertThat(writer.content(new Ext4Images.Content(1 << 20, 4))).isEqualTo(new Ext4Images.Content(1 << 20, 4));
    }

    @Test
    void anImageThatNamesNoUserHasTheOneThatTheAgentFinds() {
        byte[] passwd = "root:x:1:1::/:\nadmin:x:0:7::/:\napp:x:5:6::/:\n".getBytes(StandardCharsets.US_ASCII);
        assertThat(Unpacking.user(null, passwd, new byte[0])).contains(new OwnerIds(0, 7));
        assertThat(Unpacking.user("", passwd, new byte[0])).contains(new OwnerIds(0, 7));
        assertThat(Unpacking.user("app", passwd, new byte[0])).contains(new OwnerIds(5, 6));
        assertThat(Unpacking.user(null, new byte[0], new byte[0])).contains(new OwnerIds(0, 0));
    }

    @Test
    void everyUserCanLookIntoTheTopFolder() throws IOException {
        for (Map.Entry<Integer, Integer> mode :
                Map.of(0700, 0755, 0, 0555, 01777, 01777, 0750, 0755).entrySet()) {
            byte[] layer = new Tar()
                    .entry("./", '5', mode.getKey(), 12, 34, 0, "")
                    .file("f", "")
                    .end();
            TreeWriter writer = new TreeWriter(Layers.merge(Layers.BOUNDS, layer));
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            writer.writeFolders(new TarWriter(written));
            TarEntry entry = new TarReader(new ByteArrayInputStream(written.toByteArray())).next();

            assertThat(writer.top().mode()).isEqualTo(mode.getValue());
            assertThat(writer.top().uid()).isEqualTo(12);
            assertThat(writer.top().gid()).isEqualTo(34);
            assertThat(entry).isNotNull();
            assertThat(entry.mode()).isEqualTo(mode.getValue());
        }
    }

    @Test
    void ownersAreThoseThatTheHostGivesAndNoOthers() {
        assertThatCode(() -> Unpacking.requireOwner("user", 1000, "/etc/subuid", FEW))
                .doesNotThrowAnyException();
        assertThatCode(() -> Unpacking.requireOwner("user", 70_000, "/etc/subuid", MANY))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> Unpacking.requireOwner("group", 65_534, "/etc/subgid", FEW))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HOST_UNSUPPORTED))
                .hasMessageContaining("the group 65534")
                .hasMessageContaining("/etc/subgid");
    }
}
