package dev.pyro.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Holds the command line to the interface contract, {@code contract/cli.json}: every option and positional of what is built. */
class CliContractTest {
    /** The groups of the contract that are built; the others follow with their parts. */
    private static final Set<String> BUILT = Set.of("pyro", "pyro env", "pyro run", "pyro doctor");

    @TestFactory
    Stream<DynamicTest> everyBuiltCommandKeepsTheContract() throws IOException {
        return contract()
                .filter(command -> BUILT.stream()
                        .anyMatch(group -> command.string("command").equals(group)
                                || (!group.equals("pyro")
                                        && command.string("command").startsWith(group + " "))))
                .map(command -> DynamicTest.dynamicTest(command.string("command"), () -> check(command)));
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
                assertThat(spec.positionalParameters())
                        .anySatisfy(positional ->
                                assertThat(positional.paramLabel()).isEqualTo(argument.string("metavar")));
            }
        }
    }

    private static void checkOption(CommandSpec spec, JsonReader argument) {
        for (String name : argument.strings("option")) {
            OptionSpec option = spec.findOption(name);
            assertThat(option).as(name).isNotNull();
            argument.find("flag")
                    .ifPresent(flag -> assertThat(option.typeInfo().isBoolean()).isTrue());
            argument.find("default")
                    .ifPresent(value -> assertThat(String.join(" ", option.description()))
                            .as("the default of " + name)
                            .contains("default: " + Json.write(value).replace("\"", "")));
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
