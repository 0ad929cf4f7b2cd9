package dev.pyro.tar;

import java.io.IOException;

/** A tar stream that is damaged or holds what is refused. The message is fit for a terminal. */
public final class BadArchiveException extends IOException {
    private static final long serialVersionUID = 1;

    public BadArchiveException(String message) {
        super(message);
    }

    /** About one entry. */
    public BadArchiveException(String rawName, String problem) {
        super("entry `" + ByteText.printable(rawName) + "` " + problem);
    }
}
