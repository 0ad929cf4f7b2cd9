package dev.pyro.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The recipes of a Markdown page: each section of the second level is one, and what stands before the first of them prepares all. A fenced block
 * {@code sh} is run, unless it says {@code skip}; a block {@code text} after it is what it prints.
 *
 * @param preparation the script that prepares each recipe
 * @param recipes the recipes in the order of the page
 */
record RecipePage(String preparation, List<Recipe> recipes) {
    private static final String FENCE = "```";
    private static final String SECTION = "## ";

    RecipePage {
        recipes = List.copyOf(recipes);
    }

    /**
     * One recipe.
     *
     * @param title its heading
     * @param steps what it does, one after the other, in one shell
     */
    record Recipe(String title, List<Step> steps) {
        Recipe {
            steps = List.copyOf(steps);
        }

        @Override
        public String toString() {
            return title;
        }
    }

    /**
     * One block of commands.
     *
     * @param script the commands
     * @param output the lines that it prints, in this order, among others; {@code …} stands for anything
     */
    record Step(String script, List<String> output) {
        Step {
            output = List.copyOf(output);
        }
    }

    /** Reads a page. */
    static RecipePage read(Path page) throws IOException {
        List<Recipe> sections = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        String title = "";
        String fence = null;
        List<String> block = new ArrayList<>();
        for (String line : Files.readAllLines(page)) {
            if (fence == null && line.startsWith(FENCE)) {
                fence = line.substring(FENCE.length());
                block.clear();
            } else if (line.equals(FENCE)) {
                add(fence == null ? "" : fence, block, steps);
                fence = null;
            } else if (fence != null) {
                block.add(line);
            } else if (line.startsWith(SECTION)) {
                sections.add(new Recipe(title, steps));
                steps.clear();
                title = line.substring(SECTION.length());
            }
        }
        sections.add(new Recipe(title, steps));
        StringBuilder preparation = new StringBuilder();
        sections.getFirst().steps().forEach(step -> preparation.append(step.script()));
        return new RecipePage(preparation.toString(), sections.subList(1, sections.size()));
    }

    private static void add(String fence, List<String> block, List<Step> steps) {
        if (fence.equals("sh")) {
            steps.add(new Step(String.join("\n", block) + "\n", List.of()));
        } else if (fence.equals("text")) {
            Step last = steps.removeLast();
            steps.add(new Step(last.script(), block));
        }
    }
}
