package dev.pyro.cli;

import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said of words of a command line that belong to no option. Stateless. */
final class UnmatchedWords {
    /** What the options for secrets begin with, also when most of the rest is mistyped. */
    private static final Pattern SECRET_OPTION = Pattern.compile("(?s)--?sec.*");

    private UnmatchedWords() {}

    /** Returns the words, or only the options among them when one of the others may be a secret, as in {@code --secret NAME VALUE}. */
    static String message(UnmatchedArgumentException e, List<String> arguments) {
        if (arguments.stream()
                .noneMatch(argument -> SECRET_OPTION.matcher(argument).matches())) {
            return String.valueOf(e.getMessage());
        }
        List<String> options = e.getUnmatched().stream()
                .filter(word -> word.startsWith("-"))
                .map(word -> word.replaceFirst("(?s)=.*", ""))
                .toList();
        return options.isEmpty()
                ? "there are words that belong to no option; they may be secrets, and are not shown"
                : "unknown options: " + String.join(", ", options);
    }
}
