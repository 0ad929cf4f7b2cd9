package dev.pyro.machine.qemu;

import dev.pyro.os.HostCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Two network namespaces with a cable between them: one that is the host of machines, and one that is the world outside. Only root can make
 * them. What a killed test left is removed by the next one.
 */
final class NetworkNamespaces implements AutoCloseable {
    /** The host's address on the cable. */
    static final String HOST = "10.99.0.1";

    /** Another address of the host, on a card of its own. */
    static final String HOST_ELSEWHERE = "10.99.8.1";

    /** The address outside, which is the host's way out too. */
    static final String OUTSIDE = "10.99.0.2";

    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final Pattern NAME = Pattern.compile("pyro-(?:host|outside)-(\\d+)");

    private final String host;
    private final String outside;
    private final Path resolvers;

    private NetworkNamespaces(Path folder) {
        long pid = ProcessHandle.current().pid();
        this.host = "pyro-host-" + pid;
        this.outside = "pyro-outside-" + pid;
        this.resolvers = folder.resolve("resolv.conf");
    }

    /** Makes them; the host's list of name servers is a file in the folder, and empty. */
    static NetworkNamespaces create(Path folder) throws IOException {
        removeLeftovers();
        NetworkNamespaces namespaces = new NetworkNamespaces(folder);
        boolean done = false;
        try {
            Files.writeString(namespaces.resolvers, "");
            namespaces.connect();
            done = true;
            return namespaces;
        } finally {
            if (!done) {
                namespaces.close();
            }
        }
    }

    private void connect() {
        for (String name : List.of(host, outside)) {
            ip("netns", "add", name);
            ip("-n", name, "link", "set", "lo", "up");
        }
        ip("-n", host, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", outside);
        ip("-n", host, "link", "add", "card", "type", "veth", "peer", "name", "nowhere");
        addAddress(HOST + "/24", "cable");
        addAddress(HOST_ELSEWHERE + "/24", "card");
        ip("-n", outside, "addr", "add", OUTSIDE + "/24", "dev", "cable");
        for (String card : List.of("cable", "card", "nowhere")) {
            ip("-n", host, "link", "set", card, "up");
        }
        ip("-n", outside, "link", "set", "cable", "up");
        ip("-n", host, "route", "add", "default", "via", OUTSIDE);
        // So that what is sent to a guest's address from there would arrive, if the host let it.
        ip("-n", outside, "route", "add", "10.0.2.0/24", "via", HOST);
    }

    /** Gives the host one more address. */
    void addAddress(String address, String card) {
        ip("-n", host, "addr", "add", address, "dev", card);
    }

    /** Says whom the host asks for names from now on. */
    void setNameServer(String address) throws IOException {
        Files.writeString(resolvers, "nameserver " + address + "\n");
    }

    /** Returns a command line that runs a command on the host. */
    List<String> onHost(List<String> command) {
        List<String> line = new ArrayList<>(List.of("ip", "netns", "exec", host, "sh", "-c"));
        line.addAll(List.of("mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"", resolvers.toString()));
        line.addAll(command);
        return line;
    }

    /** Returns a command line that runs a command outside. */
    List<String> outside(List<String> command) {
        List<String> line = new ArrayList<>(List.of("ip", "netns", "exec", outside));
        line.addAll(command);
        return line;
    }

    @Override
    public void close() {
        remove(host);
        remove(outside);
    }

    private static void removeLeftovers() {
        Matcher names = NAME.matcher(ip("netns", "list"));
        while (names.find()) {
            if (ProcessHandle.of(Long.parseLong(names.group(1))).isEmpty()) {
                remove(names.group());
            }
        }
    }

    /** Its cards go with a namespace, and the other ends of its cables. */
    private static void remove(String name) {
        if (ip("netns", "list").contains(name)) {
            ip("netns", "delete", name);
        }
    }

    private static String ip(String... arguments) {
        List<String> line = new ArrayList<>(List.of("ip"));
        line.addAll(List.of(arguments));
        return HostCommand.of(BOUND, line).runOrFail("set up a test's network");
    }
}
