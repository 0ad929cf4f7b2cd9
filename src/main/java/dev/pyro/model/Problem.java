package dev.pyro.model;

/**
 * Something that this host lacks.
 *
 * @param description what is wrong, on which object
 * @param remedy what to do about it: a command where there is one
 */
public record Problem(String description, String remedy) {
    @Override
    public String toString() {
        return remedy.isEmpty() ? description : description + "; " + remedy;
    }
}
