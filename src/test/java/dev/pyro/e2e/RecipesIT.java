package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.e2e.RecipePage.Recipe;
import dev.pyro.e2e.RecipePage.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code docs/recipes.md}, run as it stands there. */
class RecipesIT extends WorkspaceFixture {
    /** Tells the outputs of two blocks apart. */
    private static final String SEPARATOR = "\u001e";

    private static final String ANYTHING = "…";

    static Stream<Recipe> recipes() throws IOException {
        return page().recipes().stream();
    }

    private static RecipePage page() throws IOException {
        return RecipePage.read(PyroLauncher.PROJECT.resolve("docs/recipes.md"));
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void worksAsItStandsThere(Recipe recipe) throws IOException {
        Path work = Files.createDirectory(folder.resolve("work"));
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("pyro"), PyroLauncher.PROJECT.resolve("pyro"));
        String script = page().preparation()
                + recipe.steps().stream()
                        .map(step -> "printf '" + SEPARATOR + "'\n" + step.script())
                        .collect(Collectors.joining());
        ProcessBuilder builder = new ProcessBuilder("bash", "-euc", script).directory(work.toFile());
        builder.environment().putAll(pyro.environment());
        builder.environment().merge("PATH", bin.toString(), (path, added) -> added + ":" + path);
        var outcome = PyroLauncher.startProgram(builder).await();
        String[] outputs = outcome.stdout().split(SEPARATOR, -1);
        for (int i = 0; i < recipe.steps().size(); i++) {
            String output = i + 1 < outputs.length ? outputs[i + 1] : "";
            requireInOrder(recipe.steps().get(i), output, outcome.stderr());
        }
        assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
    }

    private static void requireInOrder(Step step, String output, String stderr) {
        List<String> lines = output.lines().toList();
        int at = 0;
        for (String wanted : step.output()) {
            Pattern pattern = Arrays.stream(wanted.split(ANYTHING, -1))
                    .map(Pattern::quote)
                    .collect(Collectors.collectingAndThen(Collectors.joining(".*"), Pattern::compile));
            while (at < lines.size() && !pattern.matcher(lines.get(at)).find()) {
                at++;
            }
            assertThat(at)
                    .as(() -> "the line \"" + wanted + "\" in the output of\n" + step.script() + "\nwhich was\n"
                            + output + "\nand on standard error\n" + stderr)
                    .isLessThan(lines.size());
            at++;
        }
    }
}
