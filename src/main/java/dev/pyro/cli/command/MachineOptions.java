package dev.pyro.cli.command;

import dev.pyro.model.CreateVm;
import dev.pyro.model.ExecVm;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The options that commands which make machines share. Stateless. */
public final class MachineOptions {
    private static final String VCPU_COUNT = "--vcpu-count";
    private static final String MEM_MIB = "--mem-mib";
    private static final String TTL_SECONDS = "--ttl-seconds";
    private static final String TIMEOUT_SECONDS = "--timeout-seconds";
    private static final String ALLOW_HOST_COMPAT = "--allow-host-compat";

    private MachineOptions() {}

    /** Adds sizes and time to live. */
    public static void addSizes(CommandSpec spec) {
        spec.addOption(CommonOptions.number(VCPU_COUNT, CreateVm.DEFAULT_VCPU_COUNT, "Virtual processors, 1 to 32"));
        spec.addOption(CommonOptions.number(MEM_MIB, CreateVm.DEFAULT_MEM_MIB, "Memory in MiB, 128 to 65536"));
        spec.addOption(CommonOptions.number(
                TTL_SECONDS,
                CreateVm.DEFAULT_TTL.toSeconds(),
                "How long the machine lives after its last use, 60 to 2592000"));
    }

    /** Adds how long a command may run. */
    public static void addTimeout(CommandSpec spec) {
        spec.addOption(CommonOptions.number(
                TIMEOUT_SECONDS,
                ExecVm.DEFAULT_TIMEOUT.toSeconds(),
                "After this time the command and all that it started is killed, and the exit code is 124"));
    }

    /** Adds the permission to use the host itself. */
    public static void addAllowHostCompat(CommandSpec spec) {
        spec.addOption(CommonOptions.flag(
                ALLOW_HOST_COMPAT,
                "Where no guest can be had, use Linux namespaces on the host instead: weaker than a virtual machine."));
    }

    /** Returns what {@link #addSizes} and {@link #addAllowHostCompat} were given. */
    public static CreateVm sizes(ParseResult parsed) {
        return CreateVm.defaults()
                .withVcpuCount(parsed.matchedOptionValue(VCPU_COUNT, CreateVm.DEFAULT_VCPU_COUNT))
                .withMemMib(parsed.matchedOptionValue(MEM_MIB, CreateVm.DEFAULT_MEM_MIB))
                .withTtl(seconds(parsed, TTL_SECONDS, CreateVm.DEFAULT_TTL))
                .withAllowHostCompat(allowHostCompat(parsed));
    }

    /** Returns what {@link #addAllowHostCompat} was given. */
    public static boolean allowHostCompat(ParseResult parsed) {
        return parsed.matchedOptionValue(ALLOW_HOST_COMPAT, false);
    }

    /** Returns what {@link #addTimeout} was given. */
    public static Duration timeout(ParseResult parsed) {
        return seconds(parsed, TIMEOUT_SECONDS, ExecVm.DEFAULT_TIMEOUT);
    }

    private static Duration seconds(ParseResult parsed, String option, Duration otherwise) {
        Integer seconds = parsed.matchedOptionValue(option, (Integer) null);
        return seconds == null ? otherwise : Duration.ofSeconds(seconds);
    }
}
