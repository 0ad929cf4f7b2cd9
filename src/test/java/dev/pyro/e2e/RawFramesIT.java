package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.e2e.PyroLauncher.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Root in a guest writes Ethernet frames of its own; none of them may reach the host's loopback through passt. */
class RawFramesIT {
    /** Finds the gateway by ARP, sends it a TCP SYN for each address of the host itself, and prints what answers. */
    private static final String SCRIPT = """
            import socket, struct, sys, time
            port = int(sys.argv[1])
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)); s.bind(("eth0", 0)); s.settimeout(1)
            mac = s.getsockname()[4]; me = socket.inet_aton("10.0.2.15")
            def answer(matches):
                end = time.time() + 3
                while time.time() < end:
                    try: p = s.recv(4000)
                    except socket.timeout: continue
                    if matches(p): return p
            def checksum(b):
                t = sum(struct.unpack("!%dH" % (len(b) // 2), b)); t = (t >> 16) + (t & 0xffff); return ~(t + (t >> 16)) & 0xffff
            s.send(b"\\xff" * 6 + mac + b"\\x08\\x06" + struct.pack("!HHBBH", 1, 0x800, 6, 4, 1) + mac + me + b"\\0" * 6 + socket.inet_aton("10.0.2.2"))
            reply = answer(lambda p: p[12:14] == b"\\x08\\x06" and p[20:22] == b"\\0\\x02")
            print("gateway", reply is not None, flush=True)
            targets = ["127.0.0.1", "127.0.0.2", "0.0.0.0"]
            for n, target in enumerate(targets):
                to = socket.inet_aton(target)
                tcp = struct.pack("!HHIIBBHHH", 40000 + n, port, 1000, 0, 0x50, 2, 65000, 0, 0)
                tcp = tcp[:16] + struct.pack("!H", checksum(me + to + struct.pack("!BBH", 0, 6, len(tcp)) + tcp)) + tcp[18:]
                ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0) + me + to
                ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
                s.send(reply[6:12] + mac + b"\\x08\\x00" + ip + tcp)
            answered = []
            answer(lambda p: answered.append(p[36:38]) if p[12:14] == b"\\x08\\x00" and p[23] == 6 else False)
            for n, target in enumerate(targets):
                print(target, "answered" if struct.pack("!H", 40000 + n) in answered else "silent", flush=True)
            """;

    @TempDir
    Path folder;

    @Test
    void framesToTheHostItselfGoNowhere() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        PyroLauncher pyro = new PyroLauncher(folder.resolve("state"));
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Outcome outcome = pyro.run(
                    "run",
                    "--network",
                    "--timeout-seconds",
                    "60",
                    "debian:12",
                    "--",
                    "python3",
                    "-c",
                    SCRIPT,
                    Integer.toString(server.getLocalPort()));
            assertThat(outcome.stdout())
                    .isEqualTo("gateway True\n127.0.0.1 silent\n127.0.0.2 silent\n0.0.0.0 silent\n");
            server.setSoTimeout(200);
            assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
        }
        pyro.awaitNothingLeft();
    }
}
