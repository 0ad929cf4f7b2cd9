package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * A text that is given as an option's value or in a file of the host. Immutable.
 *
 * @param option the option whose value is the text; with {@code -file} behind it, the one whose value is a path
 * @param maxBytes the longest text that is read, in bytes
 */
record TextOptions(String option, int maxBytes) {
    private static final String STANDARD_INPUT = "-";

    /** Adds both options. */
    void addTo(CommandSpec spec, String description) {
        spec.addOption(CommonOptions.text(
                option, "TEXT", description + " As " + option + "=TEXT it may begin with what looks like an option."));
        spec.addOption(CommonOptions.text(
                fileOption(), "PATH", "The same, in a file of this host; `-` is standard input. Give one of the two."));
    }

    /**
     * Returns the text.
     *
     * @throws ParameterException when not exactly one of the options was given
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when the file cannot be read, is too long or no UTF-8
     */
    String read(ParseResult parsed, CliContext context) {
        @Nullable String text = parsed.matchedOptionValue(option, (String) null);
        @Nullable String file = parsed.matchedOptionValue(fileOption(), (String) null);
        if ((text == null) == (file == null)) {
            throw new ParameterException(
                    parsed.commandSpec().commandLine(),
                    text == null
                            ? "Missing required option: '" + option + "=TEXT' or '" + fileOption() + "=PATH'"
                            : option + " and " + fileOption() + " exclude each other: give one of them");
        }
        if (text != null) {
            return text;
        }
        String path = file == null ? "" : file;
        if (path.equals(STANDARD_INPUT)) {
            return decode("standard input", context.input());
        }
        return readFile(HostPath.of(parsed, fileOption(), path));
    }

    private String fileOption() {
        return option + "-file";
    }

    private String readFile(Path path) {
        String what = "\"" + Arguments.printable(path.toString()) + "\"";
        try (InputStream stream = Files.newInputStream(path)) {
            return decode(what, stream);
        } catch (NoSuchFileException e) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT, fileOption() + ": there is no file " + what + " on this host", e);
        } catch (IOException e) {
            throw unreadable(what, e);
        }
    }

    private String decode(String what, InputStream stream) {
        byte[] bytes;
        try {
            bytes = stream.readNBytes(maxBytes + 1);
        } catch (IOException e) {
            throw unreadable(what, e);
        }
        if (bytes.length > maxBytes) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    fileOption() + ": " + what + " is longer than " + maxBytes + " bytes, the most that is taken");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    fileOption() + ": " + what
                            + " is no UTF-8 text; `pyro workspace sync push` takes files of any content",
                    e);
        }
    }

    private PyroException unreadable(String what, IOException e) {
        return new PyroException(
                ErrorCode.INVALID_ARGUMENT, fileOption() + ": cannot read " + what + ": " + e.getMessage(), e);
    }
}
