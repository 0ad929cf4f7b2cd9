package dev.pyro.image;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Tells who a user is in an image's own {@code /etc/passwd} and {@code /etc/group}: a name there, or a number. Pure; the files are anybody's, and a line
 * that makes no sense is as if it were not there.
 */
final class PasswdFile {
    private static final int NAME = 0;
    private static final int ID = 2;
    private static final int GROUP_ID = 3;

    private PasswdFile() {}

    /**
     * Returns a user's numbers; empty when they cannot be told.
     *
     * @param user {@code NAME|UID[:GROUP|GID]}; empty for root
     */
    static Optional<OwnerIds> find(String user, byte[] passwd, byte[] group) {
        if (user.isEmpty()) {
            return Optional.of(new OwnerIds(0, 0));
        }
        int colon = user.indexOf(':');
        String name = colon < 0 ? user : user.substring(0, colon);
        Optional<OwnerIds> found = user(name, passwd);
        if (colon < 0 || colon == user.length() - 1) {
            return found;
        }
        Optional<Integer> gid = group(user.substring(colon + 1), group);
        return found.flatMap(ids -> gid.map(number -> new OwnerIds(ids.uid(), number)));
    }

    private static Optional<OwnerIds> user(String name, byte[] passwd) {
        Optional<String[]> line = line(passwd, NAME, name).filter(PasswdFile::hasIds);
        if (line.isEmpty()) {
            Optional<Integer> uid = number(name);
            if (uid.isEmpty()) {
                return name.equals("root") ? Optional.of(new OwnerIds(0, 0)) : Optional.empty();
            }
            line = line(passwd, ID, Integer.toString(uid.get())).filter(PasswdFile::hasIds);
            if (line.isEmpty()) {
                return Optional.of(new OwnerIds(uid.get(), 0));
            }
        }
        return line.flatMap(fields ->
                number(fields[ID]).flatMap(uid -> number(fields[GROUP_ID]).map(gid -> new OwnerIds(uid, gid))));
    }

    private static boolean hasIds(String[] fields) {
        return fields.length > GROUP_ID
                && number(fields[ID]).isPresent()
                && number(fields[GROUP_ID]).isPresent();
    }

    private static Optional<Integer> group(String name, byte[] group) {
        return line(group, NAME, name)
                .filter(fields -> fields.length > ID)
                .flatMap(fields -> number(fields[ID]))
                .or(() -> number(name))
                .or(() -> name.equals("root") ? Optional.of(0) : Optional.empty());
    }

    private static Optional<String[]> line(byte[] file, int field, String value) {
        return new String(file, StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.split(":", -1))
                .filter(fields -> fields.length > field && fields[field].equals(value))
                .findFirst();
    }

    private static Optional<Integer> number(String text) {
        if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        long number = Long.parseLong(text);
        return number > Integer.MAX_VALUE ? Optional.empty() : Optional.of((int) number);
    }
}
