package dev.pyro.mcp;

import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.model.Arguments;
import dev.pyro.model.CreateVm;
import dev.pyro.model.ExecVm;
import dev.pyro.model.RunInVm;
import dev.pyro.payload.VmPayloads;
import java.util.EnumSet;
import java.util.List;

/** The tools about virtual machines. Stateless. */
final class VmTools {
    private VmTools() {}

    static List<Tool> all() {
        return List.of(run());
    }

    private static Tool run() {
        return new Tool(
                "vm_run",
                "Run a command in a throw-away VM",
                "Run one shell command in a fresh virtual machine and delete the machine.",
                EnumSet.allOf(ToolProfile.class),
                List.of(
                        ToolParameter.required(
                                "environment", new ParameterType.Text(1, 255, List.of()), "The environment."),
                        ToolParameter.required(
                                "command",
                                new ParameterType.Text(1, Arguments.MAX_COMMAND_BYTES, List.of()),
                                "The shell command line."),
                        ToolParameter.number(
                                "vcpu_count",
                                CreateVm.DEFAULT_VCPU_COUNT,
                                new ParameterType.WholeNumber(Arguments.MIN_VCPU_COUNT, Arguments.MAX_VCPU_COUNT),
                                "Virtual processors."),
                        ToolParameter.number(
                                "mem_mib",
                                CreateVm.DEFAULT_MEM_MIB,
                                new ParameterType.WholeNumber(Arguments.MIN_MEM_MIB, Arguments.MAX_MEM_MIB),
                                "Memory in MiB."),
                        ToolParameter.number(
                                "timeout_seconds",
                                ExecVm.DEFAULT_TIMEOUT.toSeconds(),
                                new ParameterType.WholeNumber(
                                        Arguments.MIN_TIMEOUT.toSeconds(), Arguments.MAX_TIMEOUT.toSeconds()),
                                "After so many seconds the command is killed."),
                        ToolParameter.number(
                                "ttl_seconds",
                                CreateVm.DEFAULT_TTL.toSeconds(),
                                new ParameterType.WholeNumber(
                                        Arguments.MIN_TTL.toSeconds(), Arguments.MAX_TTL.toSeconds()),
                                "How long the machine may live."),
                        ToolParameter.flag("network", "Whether the machine may reach the outside."),
                        ToolParameter.flag(
                                "allow_host_compat",
                                "Whether Linux namespaces may stand in where no virtual machine can be had.")),
                JsonObject.builder().put("type", new JsonString("object")).build(),
                new ToolHints(false, false, false, true),
                call -> {
                    ToolArguments arguments = call.arguments();
                    CreateVm machine = CreateVm.defaults()
                            .withVcpuCount(arguments.integer("vcpu_count"))
                            .withMemMib(arguments.integer("mem_mib"))
                            .withTtl(arguments.seconds("ttl_seconds"))
                            .withNetwork(arguments.flag("network"))
                            .withAllowHostCompat(arguments.flag("allow_host_compat"));
                    return VmPayloads.run(call.pyro()
                            .runInVm(
                                    arguments.text("environment"),
                                    arguments.text("command"),
                                    new RunInVm(
                                            machine,
                                            ExecVm.defaults().withTimeout(arguments.seconds("timeout_seconds"))),
                                    call.output(),
                                    call.progress()));
                });
    }
}
