package dev.pyro.mcp;

import static dev.pyro.mcp.Parameters.ALLOW_HOST_COMPAT;
import static dev.pyro.mcp.Parameters.COMMAND;
import static dev.pyro.mcp.Parameters.ENVIRONMENT;
import static dev.pyro.mcp.Parameters.MEM_MIB;
import static dev.pyro.mcp.Parameters.NETWORK;
import static dev.pyro.mcp.Parameters.TIMEOUT;
import static dev.pyro.mcp.Parameters.TTL;
import static dev.pyro.mcp.Parameters.USER;
import static dev.pyro.mcp.Parameters.VCPU_COUNT;
import static dev.pyro.mcp.Parameters.VM_ID;

import dev.pyro.model.CreateVm;
import dev.pyro.model.ExecVm;
import dev.pyro.model.RunInVm;
import dev.pyro.model.VmRun;
import dev.pyro.payload.EnvironmentPayloads;
import dev.pyro.payload.VmPayloads;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The tools about environments and virtual machines. Stateless. */
final class VmTools {
    private static final Set<ToolProfile> FULL = EnumSet.of(ToolProfile.WORKSPACE_FULL);

    private VmTools() {}

    static List<Tool> all() {
        return List.of(
                run(EnumSet.of(ToolProfile.VM_RUN), ""),
                run(
                        EnumSet.of(ToolProfile.WORKSPACE_CORE, ToolProfile.WORKSPACE_FULL),
                        "When files must last from one command to the next, use workspace_create and workspace_exec. "),
                listEnvironments(),
                create(),
                start(),
                exec(),
                stop(),
                delete(),
                status(),
                networkInfo(),
                reapExpired());
    }

    private static Tool run(Set<ToolProfile> profiles, String otherwise) {
        return new Tool(
                "vm_run",
                "Run a command in a throw-away VM",
                "Run one command, as root in /root unless the image says otherwise, in a fresh virtual machine, which is deleted afterwards with all its files. "
                        + "Use it to try something out safely: nothing of the host can be seen or changed. "
                        + otherwise
                        + "Returns stdout, stderr and exit_code; an exit_code other than 0 is no error of the tool. "
                        + "Of long output the middle is left out.",
                profiles,
                List.of(ENVIRONMENT, COMMAND, VCPU_COUNT, MEM_MIB, TIMEOUT, TTL, NETWORK, ALLOW_HOST_COMPAT, USER),
                OutputSchemas.VM_RUN,
                ToolHints.ADDS.withOpenWorld(),
                call -> {
                    ToolArguments arguments = call.arguments();
                    CommandOutput output = new CommandOutput(call.output());
                    RunInVm options = new RunInVm(
                            Parameters.machine(arguments).withNetwork(arguments.flag(NETWORK.name())),
                            ExecVm.defaults()
                                    .withTimeout(arguments.seconds(TIMEOUT.name()))
                                    .withMaxKeptBytes(0)
                                    .withUser(Parameters.user(arguments)));
                    VmRun run = call.pyro()
                            .runInVm(
                                    arguments.text(ENVIRONMENT.name()),
                                    arguments.text(COMMAND.name()),
                                    options,
                                    output,
                                    call.progress());
                    return output.answer(VmPayloads.run(run), CommandOutput.WITHIN_THE_COMMAND);
                });
    }

    private static Tool listEnvironments() {
        return new Tool(
                "vm_list_environments",
                "List environments",
                "List what machines and workspaces can be made of: each environment's name, what it holds and whether it is "
                        + "installed already.",
                FULL,
                List.of(),
                OutputSchemas.ENVIRONMENTS,
                ToolHints.LOOKS,
                call -> ToolAnswer.of(EnvironmentPayloads.catalogue(call.pyro().listEnvironments())));
    }

    private static Tool create() {
        return new Tool(
                "vm_create",
                "Create a VM",
                "Create a virtual machine that lasts until vm_delete or until its time to live passes unused; then vm_start and "
                        + "vm_exec. Prefer vm_run for one command, and workspace_create when you work on files: "
                        + "a plain VM has no file tools, diff or snapshots. Returns vm_id.",
                FULL,
                List.of(ENVIRONMENT, VCPU_COUNT, MEM_MIB, TTL, NETWORK, ALLOW_HOST_COMPAT),
                OutputSchemas.VM,
                ToolHints.ADDS,
                call -> {
                    ToolArguments arguments = call.arguments();
                    CreateVm options = Parameters.machine(arguments).withNetwork(arguments.flag(NETWORK.name()));
                    return ToolAnswer.of(VmPayloads.vm(
                            call.pyro().createVm(arguments.text(ENVIRONMENT.name()), options, call.progress())));
                });
    }

    private static Tool exec() {
        return new Tool(
                "vm_exec",
                "Run a command in a VM",
                "Run a command in a started VM, in /root as root or as its image says. Files and background processes stay for the next command; the "
                        + "working directory and variables do not. Returns stdout, stderr and exit_code; of long output the middle is left out.",
                FULL,
                List.of(VM_ID, COMMAND, TIMEOUT, USER),
                OutputSchemas.VM_RUN,
                ToolHints.REPLACES.withoutIdempotence().withOpenWorld(),
                call -> {
                    ToolArguments arguments = call.arguments();
                    CommandOutput output = new CommandOutput(call.output());
                    ExecVm options = ExecVm.defaults()
                            .withTimeout(arguments.seconds(TIMEOUT.name()))
                            .withMaxKeptBytes(0)
                            .withUser(Parameters.user(arguments));
                    VmRun run =
                            call.pyro().execVm(Parameters.vmId(call), arguments.text(COMMAND.name()), options, output);
                    return output.answer(VmPayloads.run(run), CommandOutput.INTO_A_FILE);
                });
    }

    private static Tool start() {
        return Tool.about(
                VM_ID,
                FULL,
                "vm_start",
                "Start a VM",
                "Start a created or stopped VM; a stopped one boots with the files that it had. Does nothing when it runs.",
                OutputSchemas.VM,
                ToolHints.SETS,
                call -> VmPayloads.vm(call.pyro().startVm(Parameters.vmId(call), call.progress())));
    }

    private static Tool stop() {
        return Tool.about(
                VM_ID,
                FULL,
                "vm_stop",
                "Stop a VM",
                "Stop a VM and keep its files for vm_start; what runs in it is ended.",
                OutputSchemas.VM,
                ToolHints.SETS,
                call -> VmPayloads.vm(call.pyro().stopVm(Parameters.vmId(call))));
    }

    private static Tool delete() {
        return Tool.about(
                VM_ID,
                FULL,
                "vm_delete",
                "Delete a VM",
                "Delete a VM with its files, running or not. This cannot be undone.",
                OutputSchemas.VM_DELETED,
                ToolHints.REPLACES,
                call -> VmPayloads.deleted(call.pyro().deleteVm(Parameters.vmId(call))));
    }

    private static Tool status() {
        return Tool.about(
                VM_ID,
                FULL,
                "vm_status",
                "Look at a VM",
                "Return a VM's state (created, started, stopped), its sizes and when it expires.",
                OutputSchemas.VM,
                ToolHints.LOOKS,
                call -> VmPayloads.vm(call.pyro().statusVm(Parameters.vmId(call))));
    }

    private static Tool networkInfo() {
        return Tool.about(
                VM_ID,
                FULL,
                "vm_network_info",
                "Look at a VM's network",
                "Return whether a VM has a network, and its addresses.",
                OutputSchemas.VM_NETWORK,
                ToolHints.LOOKS,
                call -> VmPayloads.networkInfo(call.pyro().networkInfoVm(Parameters.vmId(call))));
    }

    private static Tool reapExpired() {
        return new Tool(
                "vm_reap_expired",
                "Delete expired VMs",
                "Delete the VMs and workspaces whose time to live is over. Seldom needed: creating one does it too. "
                        + "Returns the ids of the deleted VMs.",
                FULL,
                List.of(),
                OutputSchemas.REAPED,
                ToolHints.REPLACES,
                call -> ToolAnswer.of(VmPayloads.reaped(call.pyro().reapExpired())));
    }
}
