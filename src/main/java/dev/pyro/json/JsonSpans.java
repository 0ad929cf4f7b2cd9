package dev.pyro.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/** Where the objects and their members stand in the text of a document. Stateless; safe for use by several threads. */
final class JsonSpans {
    /** Deeper than any configuration, and no danger to the stack. */
    private static final int MAX_DEPTH = 500;

    /** Far more than the largest configuration has, and what a small heap holds the places of. */
    private static final int MAX_TOKENS = 1_000_000;

    private static final JsonFactory STRICT = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxDocumentLength(Json.MAX_DOCUMENT_CHARS)
                    .maxStringLength(Json.MAX_DOCUMENT_CHARS)
                    .maxTokenCount(MAX_TOKENS)
                    .build())
            .build();

    private static final JsonFactory WITH_COMMENTS = STRICT.rebuild()
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            .build();

    private JsonSpans() {}

    /**
     * A value's place.
     *
     * @param start its first character
     * @param end the first one after it
     * @param members an object's members in the order of the text, null for other values
     */
    record Span(int start, int end, @Nullable List<MemberSpan> members) {
        /** Returns the member of this name; of several the last, as programs read them. */
        Optional<MemberSpan> find(String name) {
            return members == null
                    ? Optional.empty()
                    : members.stream()
                            .filter(member -> member.name().equals(name))
                            .reduce((first, second) -> second);
        }
    }

    /**
     * A member's place.
     *
     * @param name its name, unescaped
     * @param start the first character of its name
     * @param value where its value stands
     */
    record MemberSpan(String name, int start, Span value) {}

    /**
     * Finds everything in a document; empty when there is nothing but blanks and comments in it.
     *
     * @param comments whether comments and commas after the last member are allowed
     * @throws JsonFormatException when it is not at most one JSON document, with the line
     */
    static Optional<Span> of(String text, boolean comments) {
        JsonFactory factory = comments ? WITH_COMMENTS : STRICT;
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() == null) {
                return Optional.empty();
            }
            Span root = read(parser);
            if (parser.nextToken() != null) {
                throw new JsonFormatException("line "
                        + parser.currentTokenLocation().getLineNr() + ": there is more text after the document");
            }
            return Optional.of(root);
        } catch (JacksonException e) {
            TokenStreamLocation location = e.getLocation();
            String line = location == null ? "" : "line " + location.getLineNr() + ": ";
            throw new JsonFormatException(line + Json.reason(e), e);
        }
    }

    private static Span read(JsonParser parser) {
        int start = offset(parser.currentTokenLocation());
        List<MemberSpan> members = null;
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            members = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                int nameStart = offset(parser.currentTokenLocation());
                parser.nextToken();
                members.add(new MemberSpan(name, nameStart, read(parser)));
            }
        } else if (parser.currentToken() == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                read(parser);
            }
        } else {
            parser.finishToken();
        }
        return new Span(start, offset(parser.currentLocation()), members);
    }

    private static int offset(TokenStreamLocation location) {
        return Math.toIntExact(location.getCharOffset());
    }
}
