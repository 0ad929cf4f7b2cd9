package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * As whom and how the guest starts a command, a shell or a service. Immutable.
 *
 * @param user {@code NAME|UID[:GROUP|GID]}, looked up in the guest; null for root
 * @param arguments the command as plain arguments, which the guest uses only when its {@code /bin/sh} cannot be executed; none
 *     when it has no such form. More than the protocol takes become none.
 * @param loginShell whether the shell is a login shell, which reads {@code /etc/profile}
 */
public record StartOptions(@Nullable String user, List<String> arguments, boolean loginShell) {
    /** Root, in a login shell. */
    public static final StartOptions USUAL = new StartOptions(null, List.of(), true);

    public StartOptions {
        if (user != null) {
            int length = GuestText.encode(user).length;
            if (length == 0 || length > Wire.MAX_USER || user.indexOf('\0') >= 0) {
                throw new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        "a user is NAME or UID, optionally with :GROUP or :GID, of 1 to " + Wire.MAX_USER
                                + " bytes without NUL");
            }
        }
        arguments = areSendable(arguments) ? List.copyOf(arguments) : List.of();
    }

    private static boolean areSendable(List<String> arguments) {
        return arguments.size() <= Wire.MAX_ARGUMENTS
                && arguments.stream().noneMatch(argument -> argument.indexOf('\0') >= 0)
                && arguments.stream()
                                .mapToLong(argument -> GuestText.encode(argument).length)
                                .sum()
                        <= Wire.MAX_COMMAND;
    }

    StartOptions withUser(@Nullable String other) {
        return new StartOptions(other, arguments, loginShell);
    }

    StartOptions withArguments(List<String> other) {
        return new StartOptions(user, other, loginShell);
    }

    StartOptions withLoginShell(boolean other) {
        return new StartOptions(user, arguments, other);
    }

    /**
     * Writes what is not as usual, as the last fields of a request; the user's field has the first tag. Arguments that no longer fit
     * into the request are left out: they only stand in for a shell.
     */
    void encode(int firstTag, FieldWriter out) {
        if (user != null) {
            out.string(firstTag, user);
        }
        out.flag(firstTag + 2, !loginShell);
        List<byte[]> encoded = arguments.stream().map(GuestText::encode).toList();
        if (out.takes(encoded)) {
            encoded.forEach(argument -> out.bytes(firstTag + 1, argument));
        }
    }
}
