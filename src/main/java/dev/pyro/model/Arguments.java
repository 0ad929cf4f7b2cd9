package dev.pyro.model;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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
    public static final int MAX_SECRETS = 64;
    public static final int MAX_SECRET_NAME_CHARS = 120;

    /** The longest values of all secrets of a workspace, in bytes of UTF-8: one request holds them and the longest command, unless an image has uncommonly many variables. */
    public static final int MAX_SECRETS_BYTES = 96 * 1024;

    /** The longest user with a group, in bytes of UTF-8. */
    public static final int MAX_USER_BYTES = 256;

    private static final int MAX_ECHO_CHARS = 80;

    /** Greedy: a password may hold {@code /} and {@code @} as they are. */
    private static final Pattern BEFORE_HOST =
            Pattern.compile("^([a-z][a-z0-9+.-]*://)?.*@", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** An {@code @} behind a colon; before a digest it is an image's own. */
    private static final Pattern PERHAPS_PASSWORD = Pattern.compile("[^:]*:.*@(?!sha256:)", Pattern.DOTALL);

    private static final Pattern USER = Pattern.compile("[^-:\\s\\p{Cntrl}][^:\\s\\p{Cntrl}]*");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    /** The kernel takes the number after it for none. */
    private static final long MAX_ID = 0xffff_fffeL;

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final String VARIABLE_RULE =
            "letters, digits and \"_\", at most " + MAX_SECRET_NAME_CHARS + ", not beginning with a digit";

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

    static Duration readyTimeout(Duration value) {
        return range("ready_timeout_seconds", value, MIN_TIMEOUT, MAX_TIMEOUT);
    }

    static Duration readyInterval(Duration value) {
        Duration min = StartService.MIN_READY_INTERVAL;
        Duration max = StartService.MAX_READY_INTERVAL;
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw invalid("ready_interval_ms must be between " + min.toMillis() + " and " + max.toMillis() + ", not "
                    + value.toMillis());
        }
        return value;
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

    /** What is no name may be the value, in the wrong place: it is not shown. */
    static String secretName(String name) {
        if (!isVariable(name)) {
            throw invalid("a secret's name must be " + VARIABLE_RULE + "; the one that was given is not");
        }
        return name;
    }

    static String secretValue(String name, String value) {
        String what = "the secret " + name;
        if (value.isEmpty()) {
            throw invalid(what + " has an empty value");
        }
        if (value.indexOf('\0') >= 0) {
            throw invalid(what + " holds a NUL, which no variable can hold");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
            throw invalid(what + " is no UTF-8 text");
        }
        if (value.getBytes(StandardCharsets.UTF_8).length > Secret.MAX_BYTES) {
            throw invalid(what + " is longer than " + Secret.MAX_BYTES + " bytes, the most that a secret may have");
        }
        return value;
    }

    static List<Secret> secrets(List<Secret> secrets) {
        if (secrets.size() > MAX_SECRETS) {
            throw invalid("there must be at most " + MAX_SECRETS + " secrets, not " + secrets.size());
        }
        Set<String> names = new HashSet<>();
        int bytes = 0;
        for (Secret secret : secrets) {
            if (!names.add(secret.name())) {
                throw invalid("the secret " + secret.name() + " is given twice");
            }
            bytes += secret.bytes();
        }
        if (bytes > MAX_SECRETS_BYTES) {
            throw invalid("the secrets take " + bytes + " bytes together, and may take " + MAX_SECRETS_BYTES
                    + ": copy long ones in as files");
        }
        return List.copyOf(secrets);
    }

    /** Checks the variables that a call asks for: names of secrets, each with the name of its variable. */
    static Map<String, String> secretEnv(Map<String, String> secretEnv) {
        Set<String> variables = new HashSet<>();
        secretEnv.forEach((secret, variable) -> {
            secretName(secret);
            if (!isVariable(variable)) {
                // Perhaps somebody took it for the place of the value.
                throw invalid("the secret " + secret + " is to become a variable whose name is none: it must be "
                        + VARIABLE_RULE);
            }
            if (!variables.add(variable)) {
                throw invalid("two secrets are to become the variable " + variable);
            }
        });
        return Map.copyOf(secretEnv);
    }

    private static boolean isVariable(String name) {
        return name.length() <= MAX_SECRET_NAME_CHARS && VARIABLE.matcher(name).matches();
    }

    /** Checks a command: it must not be blank, too long, or hold a NUL. */
    public static String command(String command) {
        if (command.isBlank()) {
            throw invalid("command must not be empty");
        }
        if (command.indexOf('\0') >= 0) {
            throw invalid("command must not contain a NUL character");
        }
        if (command.getBytes(StandardCharsets.UTF_8).length > MAX_COMMAND_BYTES) {
            throw invalid("command must be at most " + MAX_COMMAND_BYTES + " bytes; put long scripts into a file");
        }
        return command;
    }

    /** Checks who runs a command; null is whom the image says. */
    static @Nullable String user(@Nullable String user) {
        if (user != null && !isUser(user)) {
            throw invalid(
                    "user must be NAME or UID, and may be followed by :GROUP or :GID, such as app, 1000 or app:staff, not "
                            + "\"" + printable(user) + "\"");
        }
        return user;
    }

    /** Tells whether a text has the form of a user, {@code NAME|UID[:GROUP|GID]}. */
    public static boolean isUser(String text) {
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_USER_BYTES) {
            return false;
        }
        int colon = text.indexOf(':');
        return colon < 0
                ? isUserOrGroup(text)
                : isUserOrGroup(text.substring(0, colon)) && isUserOrGroup(text.substring(colon + 1));
    }

    private static boolean isUserOrGroup(String text) {
        if (!DIGITS.matcher(text).matches()) {
            return USER.matcher(text).matches();
        }
        String digits = text.replaceFirst("^0+(?=.)", "");
        return digits.length() <= Long.toString(MAX_ID).length() && Long.parseLong(digits) <= MAX_ID;
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

    /**
     * The same for an address that may hold a password, wherever somebody who mistyped it has put that: what stands before the last {@code @} is not
     * shown, but for the scheme.
     */
    public static String printableAddress(String text) {
        return printable(BEFORE_HOST.matcher(text).replaceFirst("$1***@"));
    }

    /** The same for what should be the name of an image or environment: somebody may have written an address with a password in its stead. */
    public static String printableName(String text) {
        return PERHAPS_PASSWORD.matcher(text).lookingAt() ? printableAddress(text) : printable(text);
    }

    static int range(String name, int value, int min, int max) {
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

    static PyroException invalid(String message) {
        return new PyroException(ErrorCode.INVALID_ARGUMENT, message);
    }
}
