package dev.pyro.json;

import java.util.List;
import java.util.Set;

/**
 * What one object in a document of somebody else's is to hold. Members that are not named here stay as they are.
 *
 * @param members what it must have, in this order; of a value that is an object, only the members that it names are set
 * @param defaults what it gets only where it has none of that name
 * @param dropped the names of what it must not have
 */
public record JsonEdit(List<Member> members, List<Member> defaults, Set<String> dropped) {
    public JsonEdit {
        members = List.copyOf(members);
        defaults = List.copyOf(defaults);
        dropped = Set.copyOf(dropped);
    }

    /** One member of an object, whose order counts. */
    public record Member(String name, JsonValue value) {}

    /** What became of the document. */
    public enum Outcome {
        /** There was no such object. */
        ADDED,
        /** There was one, and it was different. */
        UPDATED,
        /** There was one just so. */
        UNCHANGED
    }

    /**
     * An edited document.
     *
     * @param text all of it
     * @param outcome how it differs from what it was
     */
    public record Result(String text, Outcome outcome) {}
}
