package dev.pyro.image;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tells who a user is in an image's own {@code /etc/passwd} and {@code /etc/group}: a name there, or a number. Pure; the files are anybody's, and a line
 * that makes no sense is as if it were not there.
 *
 * <p>The agent does the same in the guest ({@code guest/src/users.c}). Both are held to one table, {@code guest/test/users.txt}, for what the one says
 * owns the folder in which the other starts commands.
 */
final class PasswdFile {
    /** The agent takes four times as much; here they are held in memory beside the names of the whole image. */
    static final int MAX_BYTES = 1 << 20;

    private static final int MAX_NAME_BYTES = 256;
    private static final int MAX_DIGITS = 10;

    private static final int NAME = 0;
    private static final int ID = 2;
    private static final int GROUP_ID = 3;
    private static final int FIELDS = 7;
    private static final String ROOT = "root";

    private PasswdFile() {}

    /**
     * Returns a user's numbers; empty when they cannot be told.
     *
     * @param user {@code NAME|UID[:GROUP|GID]}; an empty name is root
     */
    static Optional<OwnerIds> find(String user, byte[] passwd, byte[] group) {
        if (passwd.length > MAX_BYTES || group.length > MAX_BYTES) {
            return Optional.empty();
        }
        // Names are bytes to the agent.
        String raw = new String(user.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        int colon = raw.indexOf(':');
        String name = colon < 0 ? raw : raw.substring(0, colon);
        String groupName = colon < 0 ? "" : raw.substring(colon + 1);
        Optional<OwnerIds> found = user(name.isEmpty() ? ROOT : name, passwd);
        if (groupName.isEmpty()) {
            return found;
        }
        OptionalLong gid = group(groupName, group);
        return gid.isEmpty() ? Optional.empty() : found.map(ids -> new OwnerIds(ids.uid(), (int) gid.getAsLong()));
    }

    private static Optional<OwnerIds> user(String name, byte[] passwd) {
        OptionalLong uid = number(name);
        String[] line = line(passwd, fields -> isUser(fields) && fields[NAME].equals(name));
        if (line == null && uid.isPresent()) {
            line = line(passwd, fields -> isUser(fields) && number(fields[ID]).equals(uid));
        }
        if (line != null) {
            return Optional.of(new OwnerIds(id(line[ID]), id(line[GROUP_ID])));
        }
        if (uid.isPresent()) {
            return Optional.of(new OwnerIds((int) uid.getAsLong(), 0));
        }
        return name.equals(ROOT) ? Optional.of(new OwnerIds(0, 0)) : Optional.empty();
    }

    private static boolean isUser(String[] fields) {
        return fields.length > GROUP_ID
                && number(fields[ID]).isPresent()
                && number(fields[GROUP_ID]).isPresent()
                && !fields[NAME].isEmpty()
                && fields[NAME].length() <= MAX_NAME_BYTES
                && fields[NAME].indexOf('\0') < 0;
    }

    private static OptionalLong group(String name, byte[] group) {
        String[] line = line(
                group,
                fields -> fields.length > ID
                        && fields[NAME].equals(name)
                        && number(fields[ID]).isPresent());
        if (line != null) {
            return number(line[ID]);
        }
        return name.equals(ROOT) ? OptionalLong.of(0) : number(name);
    }

    /** Returns the first line that is wanted. The file as a whole is never a text: it may be large. */
    private static String @Nullable [] line(byte[] file, Predicate<String[]> wanted) {
        for (int start = 0; start < file.length; ) {
            int end = start;
            while (end < file.length && file[end] != '\n') {
                end++;
            }
            String[] fields = new String(file, start, end - start, StandardCharsets.ISO_8859_1).split(":", FIELDS);
            if (wanted.test(fields)) {
                return fields;
            }
            start = end + 1;
        }
        return null;
    }

    private static int id(String digits) {
        return (int) number(digits).orElseThrow();
    }

    private static OptionalLong number(String text) {
        if (text.isEmpty() || text.length() > MAX_DIGITS || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return OptionalLong.empty();
        }
        long number = Long.parseLong(text);
        return number > LayerRules.MAX_OWNER ? OptionalLong.empty() : OptionalLong.of(number);
    }
}
