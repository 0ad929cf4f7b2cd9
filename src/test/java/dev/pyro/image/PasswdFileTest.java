package dev.pyro.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Users and distributions, as files of an image name them. */
class PasswdFileTest {
    private static final String PASSWD = """
            root:x:0:7::/root:/bin/sh
            short:x:5
            app:x:1000:1001::/:/bin/sh
            77:x:1:2:::
            bad:x:-1:0:::
            huge:x:4294967295:0:::
            """;
    private static final String GROUP = "root:x:0:\nstaff:x:50:app\nodd:x\n";

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "'', 0:0",
                "root, 0:7",
                "app, 1000:1001",
                "app:staff, 1000:50",
                "app:, 1000:1001",
                "app:60, 1000:60",
                "1000, 1000:1001",
                "1000:staff, 1000:50",
                "4711, 4711:0",
                "4711:50, 4711:50",
                "77, 1:2",
                "nobody, -",
                "short, -",
                "bad, -",
                "huge, -",
                "app:none, -",
                "app:odd, -",
                "4294967295, -",
                "99999999999999999999, -",
                "app:staff:x, -"
            })
    void findsUsers(String user, String expected) {
        Optional<String> found =
                PasswdFile.find(user, latin(PASSWD), latin(GROUP)).map(ids -> ids.uid() + ":" + ids.gid());
        assertThat(found).isEqualTo(Optional.ofNullable(expected));
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
