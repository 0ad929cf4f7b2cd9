package dev.pyro.machine.qemu;

import dev.pyro.machine.GuestSession;
import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A Java process in a network namespace: it serves, connects, and runs machines, as it is told. Its machines end with it, and it ends with the
 * process that started it.
 */
final class NetworkPeer implements AutoCloseable {
    private static final int TIMEOUT_MS = 30_000;

    /** For connections that nobody is to accept. */
    private static final int SOON_MS = 1_000;

    private static final String ANSWER = "answer:";
    private static final int DNS_HEADER = 12;

    private final Process process;
    private final BufferedReader answers;

    private NetworkPeer(Process process) {
        this.process = process;
        this.answers = process.inputReader(StandardCharsets.US_ASCII);
    }

    /** Returns the command line of a peer whose machines live in a folder. */
    static List<String> commandLine(Path folder) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                NetworkPeer.class.getName(),
                folder.toString());
    }

    static NetworkPeer start(List<String> commandLine) throws IOException {
        return new NetworkPeer(new ProcessBuilder(commandLine)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Has something done and returns what came of it; a failure's code and message. */
    String call(String action, Object... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(encode(action)));
        for (Object argument : arguments) {
            words.add(encode(argument.toString()));
        }
        process.outputWriter().write(String.join(" ", words) + "\n");
        process.outputWriter().flush();
        while (true) {
            String line = answers.readLine();
            if (line == null) {
                throw new IOException("the peer has ended");
            }
            if (line.startsWith(ANSWER)) {
                return decode(line.substring(ANSWER.length()));
            }
        }
    }

    @Override
    public void close() {
        try {
            process.outputWriter().close();
            process.waitFor();
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static String encode(String text) {
        return Base64.getEncoder().withoutPadding().encodeToString(("." + text).getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8).substring(1);
    }

    /** The other process. */
    public static void main(String[] arguments) throws IOException {
        Actions actions = new Actions(new QemuSite(Path.of(arguments[0])));
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        String line;
        while ((line = input.readLine()) != null) {
            List<String> words = new ArrayList<>();
            for (String word : line.split(" ")) {
                words.add(decode(word));
            }
            String answer;
            try {
                answer = actions.run(words.getFirst(), words.subList(1, words.size()));
            } catch (PyroException e) {
                answer = e.code() + ": " + e.getMessage();
            } catch (Exception e) {
                answer = e.toString();
            }
            System.out.println(ANSWER + encode(answer));
        }
        actions.machines.values().forEach(Machine::stop);
        System.exit(0);
    }

    private static final class Actions {
        final QemuSite site;
        final Map<String, Machine> machines = new HashMap<>();
        final Map<String, GuestSession> sessions = new HashMap<>();

        Actions(QemuSite site) {
            this.site = site;
        }

        String run(String action, List<String> words) throws Exception {
            return switch (action) {
                case "serve-tcp" -> serveTcp(words.get(0), words.get(1));
                case "serve-names" -> serveNames(words.get(0), Integer.parseInt(words.get(1)), words.get(2));
                case "connect" -> connect(words.get(0), Integer.parseInt(words.get(1)), words.get(2), TIMEOUT_MS);
                case "connect-soon" -> connect(words.get(0), Integer.parseInt(words.get(1)), words.get(2), SOON_MS);
                case "connect-many" -> connectMany(words);
                case "start" -> startMachine(words.get(0), NetworkMode.valueOf(words.get(1)));
                case "run" -> session(words.get(0)).run(words.get(1)).output();
                case "publish" -> {
                    machine(words.get(0)).publish(Integer.parseInt(words.get(1)), Integer.parseInt(words.get(2)));
                    yield "published";
                }
                case "unpublish" -> {
                    machine(words.get(0)).unpublish(Integer.parseInt(words.get(1)));
                    yield "unpublished";
                }
                case "stop" -> {
                    machine(words.get(0)).stop();
                    yield "stopped";
                }
                default -> throw new IllegalArgumentException(action);
            };
        }

        private Machine machine(String id) {
            return Objects.requireNonNull(machines.get(id), id);
        }

        private GuestSession session(String id) {
            return Objects.requireNonNull(sessions.get(id), id);
        }

        private String startMachine(String id, NetworkMode network) {
            // A template is worth while for those of which there are several.
            StartMode mode = network == NetworkMode.NONE ? StartMode.COLD : StartMode.TEMPLATE;
            MachineSpec spec = site.spec(id, true, mode);
            Machine machine = site.backend()
                    .start(
                            new MachineSpec(
                                    id,
                                    spec.directory(),
                                    spec.root(),
                                    1,
                                    256,
                                    spec.rootDiskBytes(),
                                    spec.workDiskBytes(),
                                    network,
                                    null,
                                    true,
                                    mode),
                            Progress.Listener.NONE);
            machines.put(id, machine);
            sessions.put(id, GuestSession.first(machine, true));
            return "started";
        }

        private static String serveTcp(String address, String text) throws IOException {
            ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName(address));
            inBackground(() -> {
                while (true) {
                    try (Socket client = server.accept()) {
                        client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
                    }
                }
            });
            return Integer.toString(server.getLocalPort());
        }

        /** Answers questions for names with one address, over UDP. */
        private static String serveNames(String address, int port, String named) throws IOException {
            DatagramSocket server = new DatagramSocket(new InetSocketAddress(address, port));
            inBackground(() -> {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
                    server.receive(packet);
                    packet.setData(dnsAnswer(packet, InetAddress.getByName(named)));
                    server.send(packet);
                }
            });
            return Integer.toString(server.getLocalPort());
        }

        /** The question once more, and one address; no address for questions about others than IPv4 ones. */
        private static byte[] dnsAnswer(DatagramPacket question, InetAddress address) {
            int length = DNS_HEADER;
            while (question.getData()[length] != 0) {
                length += question.getData()[length] + 1;
            }
            boolean ipv4 = question.getData()[length + 2] == 1;
            length += 5;
            byte[] tail = {(byte) 0xc0, DNS_HEADER, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4};
            byte[] answer = Arrays.copyOf(question.getData(), length + (ipv4 ? tail.length + 4 : 0));
            answer[2] = (byte) 0x84;
            answer[3] = 0;
            answer[7] = (byte) (ipv4 ? 1 : 0);
            answer[9] = 0;
            answer[11] = 0;
            if (ipv4) {
                System.arraycopy(tail, 0, answer, length, tail.length);
                System.arraycopy(address.getAddress(), 0, answer, length + tail.length, 4);
            }
            return answer;
        }

        private static String connect(String address, int port, String request, int bound) throws IOException {
            try (Socket socket = new Socket()) {
                socket.setSoTimeout(TIMEOUT_MS);
                socket.connect(new InetSocketAddress(address, port), bound);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
                try (InputStream input = socket.getInputStream()) {
                    return new String(input.readAllBytes(), StandardCharsets.UTF_8);
                }
            }
        }

        /** Returns how many of so many connections at once get an answer with a text in it. */
        private static String connectMany(List<String> words) throws Exception {
            Callable<Boolean> client =
                    () -> connect(words.get(0), Integer.parseInt(words.get(1)), words.get(3), TIMEOUT_MS)
                            .contains(words.get(4));
            int count = Integer.parseInt(words.get(2));
            int good = 0;
            try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
                for (Future<Boolean> result : threads.invokeAll(Collections.nCopies(count, client))) {
                    good += result.get() ? 1 : 0;
                }
            }
            return Integer.toString(good);
        }

        private static void inBackground(Callable<Void> work) {
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    work.call();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }
}
