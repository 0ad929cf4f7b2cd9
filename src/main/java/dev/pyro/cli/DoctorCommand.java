package dev.pyro.cli;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.DoctorLines;
import dev.pyro.model.DoctorReport;
import dev.pyro.payload.DoctorPayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro doctor}: what this host can do, and what to do about the rest. */
final class DoctorCommand implements CliCommand {
    private static final String PLATFORM = "--platform";
    private static final String DEFAULT_PLATFORM = "linux-x86_64";

    @Override
    public String name() {
        return "doctor";
    }

    @Override
    public String summary() {
        return "Check what this host can do; exit code 0 when a guest can run, 1 when not.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.addOption(OptionSpec.builder(PLATFORM)
                .type(String.class)
                .paramLabel("PLATFORM")
                .description("The platform to check (default: " + DEFAULT_PLATFORM + ").")
                .build());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        DoctorReport report = context.pyro().get().doctor(parsed.matchedOptionValue(PLATFORM, DEFAULT_PLATFORM));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(DoctorPayloads.report(report));
        } else {
            DoctorLines.report(report).forEach(context.terminal()::outLine);
        }
        return report.runtimeOk() ? 0 : EXIT_FAILURE;
    }
}
