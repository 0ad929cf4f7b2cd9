package dev.pyro.tar;

/** How the holes of a file are written. */
public enum HoleForm {
    /** In headers of a type of its own, which tar programs read. */
    GNU,

    /** Version 1.0 of the records: an ordinary file for whoever sorts entries by type, as programs that unpack images do. */
    PAX
}
