package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import java.util.List;

/** {@code pyro workspace patch}. */
final class PatchCommand implements CliCommand {
    @Override
    public String name() {
        return "patch";
    }

    @Override
    public String summary() {
        return "Change files of a running workspace by a patch.";
    }

    @Override
    public List<CliCommand> children() {
        return List.of(new PatchApplyCommand());
    }
}
