package dev.pyro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents say about the code, as far as a machine can check it. */
class DocumentationTest {
    private static final Pattern CODE_ROW =
            Pattern.compile("^\\| `([A-Z_]+)` \\| \\S.* \\| \\S.* \\|$", Pattern.MULTILINE);
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(?:#[^)]*)?\\)");

    @Test
    void everyErrorCodeIsExplained() throws IOException {
        List<String> documented = CODE_ROW.matcher(Files.readString(Path.of("docs/errors.md")))
                .results()
                .map((MatchResult row) -> row.group(1))
                .toList();
        assertThat(documented)
                .containsExactlyElementsOf(
                        Stream.of(ErrorCode.values()).map(ErrorCode::name).toList());
    }

    @Test
    void linksBetweenDocumentsLeadSomewhere() throws IOException {
        List<Path> documents = new ArrayList<>();
        try (Stream<Path> top = Files.list(Path.of(""));
                Stream<Path> docs = Files.walk(Path.of("docs"))) {
            Stream.concat(top, docs)
                    .filter(path -> path.toString().endsWith(".md"))
                    .forEach(documents::add);
        }
        List<String> broken = new ArrayList<>();
        for (Path document : documents) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                if (!Files.exists(document.toAbsolutePath().resolveSibling(link.group(1)))) {
                    broken.add(document + ": " + link.group(1));
                }
            }
        }
        assertThat(documents).hasSizeGreaterThan(5);
        assertThat(broken).isEmpty();
    }
}
