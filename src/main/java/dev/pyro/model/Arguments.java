package dev.pyro.model;

import java.time.Duration;
import java.util.Map;

/** The ranges that the interface contract gives to arguments. Every check throws {@link ErrorCode#INVALID_ARGUMENT}. */
public final class Arguments {
    public static final int MIN_VCPU_COUNT = 1;
    public static final int MAX_VCPU_COUNT = 32;
    public static final int MIN_MEM_MIB = 128;
    public static final int MAX_MEM_MIB = 65_536;
    public static final int MIN_DISK_MIB = 64;
    public static final int MAX_DISK_MIB = 1024 * 1024;
    public static final Duration MIN_TTL = Duration.ofSeconds(60);
    public static final Duration MAX_TTL = Duration.ofDays(30);
    public static final Duration MIN_TIMEOUT = Duration.ofSeconds(1);
    public static final Duration MAX_TIMEOUT = Duration.ofDays(1);

    /** The longest command line, in bytes of UTF-8; Linux takes no longer single argument. */
    public static final int MAX_COMMAND_BYTES = 131_000;

    public static final int MAX_LABELS = 64;
    public static final int MAX_NAME_CHARS = 120;
    public static final int MAX_LABEL_KEY_CHARS = 120;
    public static final int MAX_LABEL_VALUE_CHARS = 1000;

    private static final int MAX_ECHO_CHARS = 80;

    private Arguments() {}

    static int vcpuCount(int value) {
        return range("vcpu_count", value, MIN_VCPU_COUNT, MAX_VCPU_COUNT);
    }

    static int memMib(int value) {
        return range("mem_mib", value, MIN_MEM_MIB, MAX_MEM_MIB);
    }

    static int diskMib(int value) {
        return range("disk_mib", value, MIN_DISK_MIB, MAX_DISK_MIB);
    }

    static Duration ttl(Duration value) {
        return range("ttl_seconds", value, MIN_TTL, MAX_TTL);
    }

    static Duration timeout(Duration value) {
        return range("timeout_seconds", value, MIN_TIMEOUT, MAX_TIMEOUT);
    }

    static int keptBytes(int value) {
        return range("max_kept_bytes", value, 0, ExecVm.MAX_KEPT_BYTES);
    }

    static String workspaceName(String name) {
        if (name.startsWith("ws-")) {
            throw invalid("name must not begin with \"ws-\", as ids do: \"" + printable(name) + "\"");
        }
        return label("name", name, 1, MAX_NAME_CHARS);
    }

    static String labelKey(String key) {
        label("a label's key", key, 1, MAX_LABEL_KEY_CHARS);
        if (key.indexOf('=') >= 0) {
            throw invalid("a label's key must not contain \"=\": \"" + printable(key) + "\"");
        }
        return key;
    }

    static Map<String, String> labels(Map<String, String> labels) {
        if (labels.size() > MAX_LABELS) {
            throw invalid("there must be at most " + MAX_LABELS + " labels, not " + labels.size());
        }
        labels.forEach((key, value) -> {
            labelKey(key);
            label("the label " + printable(key), value, 0, MAX_LABEL_VALUE_CHARS);
        });
        return Map.copyOf(labels);
    }

    private static String label(String what, String value, int min, int max) {
        int length = value.codePointCount(0, value.length());
        if (length < min || length > max || (min > 0 && value.isBlank()) || value.indexOf('\0') >= 0) {
            throw invalid(what + " must have " + min + " to " + max + " characters, none of them NUL, not \""
                    + printable(value) + "\"");
        }
        return value;
    }

    /** Checks a command: it must not be blank, too long, or hold a NUL. */
    public static String command(String command) {
        if (command.isBlank()) {
            throw invalid("command must not be empty");
        }
        if (command.indexOf('\0') >= 0) {
            throw invalid("command must not contain a NUL character");
        }
        if (command.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > MAX_COMMAND_BYTES) {
            throw invalid("command must be at most " + MAX_COMMAND_BYTES + " bytes; put long scripts into a file");
        }
        return command;
    }

    /** Makes a text fit for a message: bounded, and with control characters and what is not printable escaped. */
    public static String printable(String text) {
        StringBuilder printable = new StringBuilder();
        text.codePoints().limit(MAX_ECHO_CHARS).forEach(point -> {
            if (Character.isISOControl(point)
                    || Character.getType(point) == Character.FORMAT
                    || Character.getType(point) == Character.LINE_SEPARATOR
                    || Character.getType(point) == Character.PARAGRAPH_SEPARATOR
                    || Character.getType(point) == Character.SURROGATE) {
                printable.append(String.format("\\u%04x", point));
            } else {
                printable.appendCodePoint(point);
            }
        });
        return text.codePointCount(0, text.length()) > MAX_ECHO_CHARS ? printable + "…" : printable.toString();
    }

    private static int range(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw invalid(name + " must be between " + min + " and " + max + ", not " + value);
        }
        return value;
    }

    private static Duration range(String name, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw invalid(name + " must be between " + min.toSeconds() + " and " + max.toSeconds() + ", not "
                    + value.toSeconds());
        }
        return value;
    }

    private static PyroException invalid(String message) {
        return new PyroException(ErrorCode.INVALID_ARGUMENT, message);
    }
}
