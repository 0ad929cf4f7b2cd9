package dev.pyro.disk;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a tree holds, the same for the same content wherever and however it was made: the one measure of root file systems.
 *
 * @param digest of names, kinds, modes, owners, times in seconds, links, attributes and content, as {@code sha256:} and 64 hex digits
 * @param content how much there is of it
 */
public record TreeMeasure(String digest, Ext4Images.Content content) {
    private static final String SCRIPT = "measure.sh";
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    /** Returns the command line that measures a tree; it runs as the owner of all the tree's files. */
    public static List<String> commandLine(Path tree) {
        try (InputStream script = TreeMeasure.class.getResourceAsStream(SCRIPT)) {
            if (script != null) {
                String text = new String(script.readAllBytes(), StandardCharsets.UTF_8);
                return List.of("sh", "-c", text, "sh", tree.toString());
            }
        } catch (IOException e) {
            throw new PyroException(ErrorCode.INTERNAL, "cannot read the program's script " + SCRIPT, e);
        }
        throw new PyroException(ErrorCode.INTERNAL, "the program lacks its script " + SCRIPT + "; rebuild it");
    }

    /** Reads what the command has printed; empty when it did not measure everything. */
    public static Optional<TreeMeasure> parse(String output) {
        Map<String, String> facts = new HashMap<>();
        output.lines().forEach(line -> {
            int equals = line.indexOf('=');
            if (equals > 0) {
                facts.put(line.substring(0, equals), line.substring(equals + 1));
            }
        });
        String digest = facts.getOrDefault("digest", "");
        String bytes = facts.getOrDefault("bytes", "");
        String entries = facts.getOrDefault("entries", "");
        boolean whole = "yes".equals(facts.get("whole"))
                && DIGEST.matcher(digest).matches()
                && NUMBER.matcher(bytes).matches()
                && NUMBER.matcher(entries).matches();
        return whole
                ? Optional.of(
                        new TreeMeasure(digest, new Ext4Images.Content(Long.parseLong(bytes), Long.parseLong(entries))))
                : Optional.empty();
    }
}
