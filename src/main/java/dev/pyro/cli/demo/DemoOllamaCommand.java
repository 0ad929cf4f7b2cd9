package dev.pyro.cli.demo;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.MachineOptions;
import dev.pyro.cli.render.DemoLines;
import dev.pyro.cli.render.ProgressLines;
import dev.pyro.demo.ModelDemo;
import dev.pyro.demo.ModelServer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro demo ollama}: a language model calls the tools. */
final class DemoOllamaCommand implements CliCommand {
    private static final String BASE_URL = "--base-url";
    private static final String MODEL = "--model";
    private static final String VERBOSE = "--verbose";

    @Override
    public String name() {
        return "ollama";
    }

    @Override
    public String summary() {
        return "Let a language model behind an OpenAI-compatible server use a machine.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "An API key is taken from " + ModelServer.API_KEY_VARIABLE + ", and sent over https or to this",
                        "host only.",
                        "",
                        "Examples:",
                        "  pyro demo ollama",
                        "  pyro demo ollama --model qwen3:4b --verbose",
                        "  pyro demo ollama --base-url http://localhost:8080/v1");
        spec.addOption(
                CommonOptions.text(BASE_URL, "URL", "Its interface (default: " + ModelServer.DEFAULT_BASE_URL + ")."));
        spec.addOption(
                CommonOptions.text(MODEL, "MODEL", "The model's name (default: " + ModelServer.DEFAULT_MODEL + ")."));
        spec.addOption(OptionSpec.builder("-v", VERBOSE)
                .type(boolean.class)
                .description("Print what the command printed, too.")
                .build());
        MachineOptions.addAllowHostCompat(spec);
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        ModelServer server = ModelServer.of(
                parsed.matchedOptionValue(BASE_URL, ModelServer.DEFAULT_BASE_URL),
                parsed.matchedOptionValue(MODEL, ModelServer.DEFAULT_MODEL),
                context.environment().getOrDefault(ModelServer.API_KEY_VARIABLE, ""));
        ModelDemo demo = new ModelDemo(
                context.pyro().get(),
                MachineOptions.allowHostCompat(parsed),
                new ProgressLines(context.terminal()),
                (who, what) -> context.terminal().outLine(DemoLines.step(who, what)));
        ModelDemo.Summary summary = demo.run(server);
        context.terminal()
                .outLine(DemoLines.summary(summary.exitCode(), summary.fallbackUsed(), summary.executionMode()));
        if (parsed.matchedOptionValue(VERBOSE, false)) {
            context.terminal().outLine(DemoLines.stdout(summary.stdout()));
        }
        return 0;
    }
}
