package dev.pyro.machine.qemu;

import dev.pyro.machine.LogText;
import dev.pyro.machine.Machine.GuestNetwork;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The way out for one machine: a filter and a passt process of its own, which live as long as QEMU's connection to them.
 *
 * @param filter the process that starts passt, and whose end is passt's end
 * @param guest what the guest's network card is to be set to
 */
record EgressNetwork(Companion filter, GuestNetwork guest) {
    /** Names another executable than the one on {@code PATH}. */
    static final String PATH_VARIABLE = "PYRO_PASST";

    /** The card that leads to it, as the guest sees it. */
    static final String HARDWARE_ADDRESS = "52:54:00:12:34:56";

    private static final String ADDRESS = "10.0.2.15";
    private static final String GATEWAY = "10.0.2.2";
    private static final int PREFIX_LENGTH = 24;

    private static final String NAME = "passt";

    /**
     * Returns the command line of the filter, which starts passt. A pure function.
     *
     * <p>{@code --no-map-gw}: otherwise the guest would reach the host's loopback behind its gateway's address. That alone is not
     * enough: passt connects to whatever address a frame names, the host's own ones too, and root in the guest can write frames to
     * 127.0.0.1. So the filter stands between them ({@code guest/src/frame_filter.h}). It gives passt its descriptor 3, and listens when passt serves.
     */
    static List<String> commandLine(Path agent, Path passt, boolean forwardDns) {
        List<String> line = new ArrayList<>(List.of(
                agent.toString(),
                "--filter-network",
                QemuCommandLine.NETWORK_SOCKET,
                ADDRESS,
                GATEWAY,
                passt.toString(),
                "--foreground",
                "--quiet",
                "--ipv4-only",
                "--fd",
                "3",
                "--address",
                ADDRESS,
                "--netmask",
                Integer.toString(PREFIX_LENGTH),
                "--gateway",
                GATEWAY,
                "--no-map-gw",
                "--tcp-ports",
                "none",
                "--udp-ports",
                "none",
                "--no-dhcp",
                "--no-dhcpv6",
                "--no-ndp",
                "--no-ra"));
        if (forwardDns) {
            line.addAll(List.of("--dns-forward", HostResolvers.FORWARD_ADDRESS));
        }
        return List.copyOf(line);
    }

    /**
     * Finds what it needs; starts nothing.
     *
     * @throws PyroException {@link ErrorCode#NETWORK_UNAVAILABLE} without passt; the filter fails with the same code, and passt's reason
     */
    static EgressNetwork of(Path agent, MachineFolder folder, Map<String, String> environment) {
        Path passt = QemuProgram.find(environment, PATH_VARIABLE, NAME)
                .orElseThrow(() -> new PyroException(
                        ErrorCode.NETWORK_UNAVAILABLE,
                        "the network needs the program passt, which is not installed; run `apt-get install passt`, or go"
                                + " without --network"));
        HostResolvers resolvers = HostResolvers.read();
        return new EgressNetwork(
                new Companion(
                        commandLine(agent, passt, resolvers.forwarded()),
                        QemuCommandLine.NETWORK_SOCKET,
                        folder.networkLog(),
                        reason -> failed(folder, reason)),
                new GuestNetwork(HARDWARE_ADDRESS, ADDRESS, PREFIX_LENGTH, GATEWAY, resolvers.nameServers()));
    }

    private static PyroException failed(MachineFolder folder, String reason) {
        return new PyroException(
                ErrorCode.NETWORK_UNAVAILABLE,
                LogText.after(
                        "passt, which gives a guest its network, did not start: " + reason
                                + "; mend that, or go without --network",
                        LogText.tail(folder.networkLog())));
    }
}
