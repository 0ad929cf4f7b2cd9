package dev.pyro.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Holds the command line to the interface contract, {@code contract/cli.json}: every command, option and positional. */
class CliContractTest {
    /** picocli breaks longer lines of a help text, and with them what is to be copied. */
    private static final int HELP_COLUMNS = 80;

    @TestFactory
    Stream<DynamicTest> everyCommandKeepsTheContract() throws IOException {
        return contract().map(command -> DynamicTest.dynamicTest(command.string("command"), () -> check(command)));
    }

    @TestFactory
    Stream<DynamicTest> everyCommandOfAWorkspaceHasAnExampleThatFitsOnALine() {
        return leaves(find("pyro workspace"))
                .map(spec -> DynamicTest.dynamicTest(
                        spec.qualifiedName(),
                        () -> assertThat(List.of(spec.usageMessage().footer()))
                                .anySatisfy(
                                        line -> assertThat(line).contains("  ").contains(spec.qualifiedName()))
                                .allSatisfy(line -> assertThat(line).hasSizeLessThan(HELP_COLUMNS))));
    }

    private static Stream<CommandSpec> leaves(CommandSpec spec) {
        return spec.subcommands().isEmpty()
                ? Stream.of(spec)
                : spec.subcommands().values().stream().flatMap(child -> leaves(child.getCommandSpec()));
    }

    private static void check(JsonReader contract) {
        CommandSpec spec = find(contract.string("command"));
        for (var element : contract.array("args")) {
            JsonReader argument = new JsonReader((JsonObject) element);
            if (argument.find("option").isPresent()) {
                checkOption(spec, argument);
            } else if (argument.string("positional").equals("command_args")) {
                assertThat(((CliCommand) spec.userObject()).takesGuestCommand()).isTrue();
            } else {
                checkPositional(spec, argument);
            }
        }
    }

    private static void checkPositional(CommandSpec spec, JsonReader argument) {
        PositionalParamSpec positional = spec.positionalParameters().stream()
                .filter(candidate -> candidate.paramLabel().equals(argument.string("metavar")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + argument.string("metavar")));
        assertThat(positional.required()).isEqualTo(argument.find("default").isEmpty());
        argument.find("default").ifPresent(value -> checkDefault(positional, value));
    }

    private static void checkDefault(ArgSpec argument, JsonValue value) {
        assertThat(String.join(" ", argument.description()))
                .as("the default of " + argument.paramLabel())
                .contains("default: " + Json.write(value).replace("\"", ""));
    }

    private static void checkOption(CommandSpec spec, JsonReader argument) {
        for (String name : argument.strings("option")) {
            OptionSpec option = spec.findOption(name);
            assertThat(option).as(name).isNotNull();
            argument.find("flag")
                    .ifPresent(flag -> assertThat(option.typeInfo().isBoolean()).isTrue());
            argument.find("repeatable")
                    .ifPresent(yes -> assertThat(option.isMultiValue()).isTrue());
            argument.find("choices")
                    .ifPresent(choices -> argument.strings("choices").stream()
                            .forEach(choice -> assertThat(String.join(" ", option.description()))
                                    .contains("`" + choice + "`")));
            argument.find("default").ifPresent(value -> checkDefault(option, value));
        }
    }

    private static CommandSpec find(String command) {
        CommandSpec spec = CommandTree.fullSpec(new CommandTree("0"));
        spec.addOption(OptionSpec.builder("--version").type(boolean.class).build());
        for (String word : Arrays.asList(command.split(" ")).subList(1, command.split(" ").length)) {
            assertThat(spec.subcommands()).containsKey(word);
            spec = Objects.requireNonNull(spec.subcommands().get(word)).getCommandSpec();
        }
        return spec;
    }

    private static Stream<JsonReader> contract() throws IOException {
        try (InputStream stream = CliContractTest.class.getResourceAsStream("/contract/cli.json")) {
            String text = new String(Objects.requireNonNull(stream).readAllBytes(), StandardCharsets.UTF_8);
            return ((JsonArray) Json.parse(text))
                    .elements().stream().map(element -> new JsonReader((JsonObject) element));
        }
    }
}
