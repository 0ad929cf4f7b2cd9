package dev.pyro.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Users and distributions, as files of an image name them. */
class PasswdFileTest {
    private static final Path TABLE = Path.of("guest/test/users.txt");

    /** The agent's test reads the same table. */
    @Test
    void findsWhomTheAgentFinds() throws IOException {
        StringBuilder passwd = new StringBuilder();
        StringBuilder group = new StringBuilder();
        Map<String, String> expected = new LinkedHashMap<>();
        for (String line : Files.readAllLines(TABLE)) {
            if (line.startsWith("passwd ")) {
                passwd.append(line.substring("passwd ".length())).append('\n');
            } else if (line.startsWith("group ")) {
                group.append(line.substring("group ".length())).append('\n');
            } else if (line.startsWith("`")) {
                expected.put(line.substring(1, line.lastIndexOf('`')), line.substring(line.lastIndexOf("` = ") + 4));
            }
        }
        assertThat(expected).hasSizeGreaterThan(40);
        expected.forEach((user, ids) -> assertThat(shown(user, latin(passwd.toString()), latin(group.toString())))
                .as("`%s`", user)
                .isEqualTo(ids));
    }

    private static String shown(String user, byte[] passwd, byte[] group) {
        return PasswdFile.find(user, passwd, group)
                .map(ids -> Integer.toUnsignedString(ids.uid()) + ":" + Integer.toUnsignedString(ids.gid()))
                .orElse("-");
    }

    @Test
    void namesAreBytesAndLinesEndAtLineFeeds() {
        byte[] passwd = latin("caf\u00e9:x:5:5::/:\nr:x:6:6\r\n\0:x:7:7::/:\n" + "n".repeat(257) + ":x:8:8::/:");
        assertThat(shown("caf\ufffd", passwd, new byte[0])).isEqualTo("-");
        assertThat(shown("caf\u00e9", "caf\u00e9:x:5:5::/:".getBytes(StandardCharsets.UTF_8), new byte[0]))
                .isEqualTo("5:5");
        assertThat(shown("r", passwd, new byte[0])).isEqualTo("-");
        assertThat(shown("7", passwd, new byte[0])).isEqualTo("7:0");
        assertThat(shown("8", passwd, new byte[0])).isEqualTo("8:0");
    }

    @Test
    void fromATooLongFileNothingCanBeTold() {
        assertThat(shown("12:13", new byte[PasswdFile.MAX_BYTES], new byte[0])).isEqualTo("12:13");
        assertThat(shown("12:13", new byte[PasswdFile.MAX_BYTES + 1], new byte[0]))
                .isEqualTo("-");
        assertThat(shown("12:13", new byte[0], new byte[PasswdFile.MAX_BYTES + 1]))
                .isEqualTo("-");
    }

    @Test
    void withoutFilesThereAreNumbersAndRoot() {
        assertThat(PasswdFile.find("12:13", new byte[0], new byte[0])).contains(new OwnerIds(12, 13));
        assertThat(PasswdFile.find("root:root", new byte[0], new byte[0])).contains(new OwnerIds(0, 0));
        assertThat(PasswdFile.find("app", new byte[0], new byte[0])).isEmpty();
    }

    @Test
    void readsOsRelease() {
        String text =
                "# comment\nID=alpine\nVERSION_ID='3.20'\nNAME=\"A \\\"B\\\" \\$C\"\nnot a field\nBAD=\"x\nEMPTY=\nlower=x\n";
        assertThat(OsRelease.parse(latin(text)))
                .isEqualTo(Map.of("ID", "alpine", "VERSION_ID", "3.20", "NAME", "A \"B\" $C", "EMPTY", ""));
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
