package dev.pyro.environment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the images that a Dockerfile begins with, copies from and mounts. It reads no more of the file than that takes: whether the rest is right is
 * for the program that builds it to say. Stateless.
 */
final class DockerfileImages {
    private static final Pattern ESCAPE = Pattern.compile("#\\s*escape\\s*=\\s*(\\S)\\s*", Pattern.CASE_INSENSITIVE);
    private static final Pattern DIRECTIVE = Pattern.compile("#\\s*\\w+\\s*=.*");
    private static final Pattern HEREDOC = Pattern.compile("<<(-?)[\"']?([A-Za-z_]\\w*)[\"']?");
    private static final Pattern VARIABLE =
            Pattern.compile("\\$(?:(\\w+)|\\{(\\w+)(?::([-+])([^{}$]*))?}|(.?))", Pattern.DOTALL);
    private static final String NOTHING = "scratch";

    private DockerfileImages() {}

    /**
     * One image.
     *
     * @param written what the file says, variables included
     * @param name what that comes to
     */
    record Base(String written, String name) {}

    /**
     * Returns the images, each once, in the file's order: those that are no earlier stage, are not {@code scratch}, and whose variables all have
     * a value.
     *
     * @param arguments values that go before those of the file
     */
    static List<Base> of(String dockerfile, Map<String, String> arguments) {
        Map<String, String> variables = new HashMap<>();
        Map<String, Base> found = new LinkedHashMap<>();
        Set<String> stages = new HashSet<>();
        int count = 0;
        for (List<String> words : instructions(dockerfile)) {
            String instruction = words.getFirst().toUpperCase(Locale.ROOT);
            List<String> rest = words.subList(1, words.size());
            if (instruction.equals("ARG") && count == 0) {
                rest.forEach(argument -> declare(argument, arguments, variables));
            } else if (instruction.equals("FROM")) {
                List<String> operands =
                        rest.stream().filter(word -> !word.startsWith("--")).toList();
                if (!operands.isEmpty()) {
                    add(operands.getFirst(), variables, stages, found);
                }
                stages.add(Integer.toString(count));
                if (operands.size() == 3 && operands.get(1).equalsIgnoreCase("AS")) {
                    stages.add(operands.get(2).toLowerCase(Locale.ROOT));
                }
                count++;
            } else if (instruction.equals("COPY")) {
                rest.stream()
                        .filter(word -> word.startsWith("--from="))
                        .forEach(word -> add(word.substring("--from=".length()), Map.of(), stages, found));
            } else if (instruction.equals("RUN")) {
                // Behind its options begins the command, which may have such words of its own.
                rest.stream()
                        .takeWhile(word -> word.startsWith("--"))
                        .filter(word -> word.startsWith("--mount="))
                        .flatMap(word -> Arrays.stream(
                                word.substring("--mount=".length()).split(",")))
                        .filter(setting -> setting.startsWith("from="))
                        .forEach(setting -> add(setting.substring("from=".length()), Map.of(), stages, found));
            }
        }
        return List.copyOf(found.values());
    }

    private static void add(
            String written, Map<String, String> variables, Set<String> stages, Map<String, Base> found) {
        String name = expand(written, variables);
        if (name != null
                && !name.isEmpty()
                && !name.equals(NOTHING)
                && !stages.contains(name.toLowerCase(Locale.ROOT))) {
            found.putIfAbsent(written, new Base(written, name));
        }
    }

    private static void declare(String argument, Map<String, String> arguments, Map<String, String> variables) {
        int equals = argument.indexOf('=');
        String name = equals < 0 ? argument : argument.substring(0, equals);
        String given = arguments.get(name);
        String value =
                given != null || equals < 0 ? given : expand(unquoted(argument.substring(equals + 1)), variables);
        if (value != null) {
            variables.put(name, value);
        }
    }

    private static String unquoted(String text) {
        boolean quoted = text.length() > 1
                && (text.charAt(0) == '"' || text.charAt(0) == '\'')
                && text.charAt(text.length() - 1) == text.charAt(0);
        return quoted ? text.substring(1, text.length() - 1) : text;
    }

    /** Returns a text with its variables' values, or null when one of them has none. */
    private static @Nullable String expand(String text, Map<String, String> variables) {
        StringBuilder expanded = new StringBuilder();
        Matcher matcher = VARIABLE.matcher(text);
        int end = 0;
        while (matcher.find()) {
            expanded.append(text, end, matcher.start());
            end = matcher.end();
            String name = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            if (name == null) {
                return null;
            }
            @Nullable String value = variables.get(name);
            boolean set = value != null && !value.isEmpty();
            if ("-".equals(matcher.group(3))) {
                value = set ? value : matcher.group(4);
            } else if ("+".equals(matcher.group(3))) {
                value = set ? matcher.group(4) : "";
            }
            if (value == null) {
                return null;
            }
            expanded.append(value);
        }
        return expanded.append(text, end, text.length()).toString();
    }

    /** Returns each instruction's words: lines put together, without comments and the texts of here-documents. */
    private static List<List<String>> instructions(String dockerfile) {
        List<String> lines = dockerfile.lines().toList();
        char escape = escape(lines);
        List<List<String>> instructions = new ArrayList<>();
        StringBuilder instruction = new StringBuilder();
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at).strip();
            // Comments and empty lines end no instruction that goes on.
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            boolean goesOn = line.charAt(line.length() - 1) == escape;
            instruction.append(goesOn ? line.substring(0, line.length() - 1) : line);
            if (goesOn && at + 1 < lines.size()) {
                continue;
            }
            String whole = instruction.toString().strip();
            instruction.setLength(0);
            if (!whole.isEmpty()) {
                instructions.add(List.of(whole.split("\\s+")));
                at = behindHeredocs(whole, lines, at);
            }
        }
        if (!instruction.toString().isBlank()) {
            instructions.add(List.of(instruction.toString().strip().split("\\s+")));
        }
        return instructions;
    }

    /** Directives stand before everything else. */
    private static char escape(List<String> lines) {
        for (String line : lines) {
            Matcher matcher = ESCAPE.matcher(line.strip());
            if (matcher.matches()) {
                return matcher.group(1).charAt(0);
            }
            if (!DIRECTIVE.matcher(line.strip()).matches()) {
                break;
            }
        }
        return '\\';
    }

    /** Returns the last line of what an instruction's here-documents hold; one that does not end is none. */
    private static int behindHeredocs(String instruction, List<String> lines, int at) {
        if (!instruction.matches("(?i)(?:RUN|COPY|ADD)\\s.*")) {
            return at;
        }
        int last = at;
        Matcher matcher = HEREDOC.matcher(instruction);
        while (matcher.find()) {
            int end = last + 1;
            while (end < lines.size() && !isEnd(lines.get(end), matcher)) {
                end++;
            }
            if (end == lines.size()) {
                return at;
            }
            last = end;
        }
        return last;
    }

    private static boolean isEnd(String line, Matcher heredoc) {
        return (heredoc.group(1).isEmpty() ? line : line.stripLeading()).equals(heredoc.group(2));
    }
}
