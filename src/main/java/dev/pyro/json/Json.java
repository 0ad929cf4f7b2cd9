package dev.pyro.json;

import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonDouble;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonNull;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;

/** Reads and writes {@link JsonValue} trees. Stateless; safe for use by several threads. */
public final class Json {
    /** The longest document that is read, in characters. */
    public static final int MAX_DOCUMENT_CHARS = 64 * 1024 * 1024;

    /** How many names, values and brackets a document of a stranger may have. */
    public static final int MAX_TOKENS = 100_000;

    private static final int MAX_DEPTH = 64;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxDocumentLength(MAX_DOCUMENT_CHARS)
                    .maxStringLength(MAX_DOCUMENT_CHARS)
                    .build())
            .build();

    /** Documents from somebody who may want to fill the memory; made on first use. */
    private static final class Bounded {
        static final JsonFactory FACTORY = Json.FACTORY
                .rebuild()
                .streamReadConstraints(Json.FACTORY
                        .streamReadConstraints()
                        .rebuild()
                        .maxTokenCount(MAX_TOKENS)
                        .build())
                .build();
    }

    private Json() {}

    /**
     * Parses one document.
     *
     * @throws JsonFormatException when the text is not exactly one JSON document within the bounds
     */
    public static JsonValue parse(String text) {
        return parse(FACTORY, text);
    }

    /**
     * Parses one document like {@link #parse(String)}, of at most {@link #MAX_TOKENS} tokens: small ones would take a hundred times the
     * memory of their text.
     *
     * @throws JsonFormatException when the text is not exactly one JSON document within the bounds
     */
    public static JsonValue parseBounded(String text) {
        return parse(Bounded.FACTORY, text);
    }

    private static JsonValue parse(JsonFactory factory, String text) {
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
            parser.nextToken();
            JsonValue value = read(parser);
            if (parser.nextToken() != null) {
                throw new JsonFormatException("there is more text after the document");
            }
            return value;
        } catch (JacksonException e) {
            throw new JsonFormatException(reason(e), e);
        }
    }

    /** Returns what is wrong, without the parser's notes on a source that it was not given. */
    static String reason(JacksonException e) {
        return e.getOriginalMessage().replaceFirst("\\s*\\(start marker at \\[[^]]*]\\)", "");
    }

    /**
     * Parses one document that must be an object.
     *
     * @throws JsonFormatException when the text is not exactly one JSON object within the bounds
     */
    public static JsonReader parseObject(String text) {
        if (parse(text) instanceof JsonObject object) {
            return new JsonReader(object);
        }
        throw new JsonFormatException("the document is not an object");
    }

    /** Writes a value on one line. */
    public static String write(JsonValue value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            write(generator, value);
        }
        return text.toString();
    }

    /** Writes a value with two spaces of indent, its keys sorted, without a final newline. */
    public static String writePretty(JsonValue value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(prettyContext(), text)) {
            write(generator, value);
        }
        return text.toString();
    }

    /**
     * Writes a value like {@link #writePretty(JsonValue)}, as UTF-8 and piece by piece: a document needs no memory beyond its
     * values. The stream is left open, and flushed.
     *
     * @throws IOException when the stream fails
     */
    public static void writePretty(JsonValue value, OutputStream stream) throws IOException {
        try (JsonGenerator generator = FACTORY.createGenerator(prettyContext(), stream, JsonEncoding.UTF8)) {
            generator.configure(StreamWriteFeature.AUTO_CLOSE_TARGET, false);
            write(generator, value);
        } catch (JacksonIOException e) {
            throw e.getCause();
        }
        stream.flush();
    }

    private static ObjectWriteContext prettyContext() {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        return new PrettyContext(new DefaultPrettyPrinter(Separators.createDefaultInstance()
                        .withObjectNameValueSpacing(Separators.Spacing.AFTER)
                        .withArrayEmptySeparator("")
                        .withObjectEmptySeparator(""))
                .withObjectIndenter(indenter)
                .withArrayIndenter(indenter));
    }

    private static JsonValue read(JsonParser parser) {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new JsonFormatException("the document is empty");
        }
        return switch (token) {
            case START_OBJECT -> {
                Map<String, JsonValue> members = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    members.put(name, read(parser));
                }
                yield new JsonObject(members);
            }
            case START_ARRAY -> {
                List<JsonValue> elements = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(read(parser));
                }
                yield new JsonArray(elements);
            }
            case VALUE_STRING -> new JsonString(parser.getString());
            case VALUE_NUMBER_INT -> wholeNumber(parser);
            case VALUE_NUMBER_FLOAT -> new JsonDouble(finite(parser.getDoubleValue()));
            case VALUE_TRUE -> new JsonBoolean(true);
            case VALUE_FALSE -> new JsonBoolean(false);
            case VALUE_NULL -> new JsonNull();
            default -> throw new JsonFormatException("unexpected " + token);
        };
    }

    private static JsonValue wholeNumber(JsonParser parser) {
        // One that fits no long is JSON all the same, and out of every range: who reads it says so, with its name.
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? new JsonDouble(finite(parser.getDoubleValue()))
                : new JsonLong(parser.getLongValue());
    }

    private static double finite(double number) {
        if (!Double.isFinite(number)) {
            throw new JsonFormatException("a number is too large");
        }
        return number;
    }

    private static void write(JsonGenerator generator, JsonValue value) {
        switch (value) {
            case JsonObject object -> {
                generator.writeStartObject();
                object.members().forEach((name, member) -> {
                    generator.writeName(name);
                    write(generator, member);
                });
                generator.writeEndObject();
            }
            case JsonArray array -> {
                generator.writeStartArray();
                array.elements().forEach(element -> write(generator, element));
                generator.writeEndArray();
            }
            case JsonString string -> generator.writeString(string.value());
            case JsonLong number -> generator.writeNumber(number.value());
            case JsonDouble number -> generator.writeNumber(number.value());
            case JsonBoolean truth -> generator.writeBoolean(truth.value());
            case JsonNull ignored -> generator.writeNull();
        }
    }

    /** Only the pretty printer differs from the empty context. */
    private static final class PrettyContext extends ObjectWriteContext.Base {
        private final PrettyPrinter printer;

        PrettyContext(PrettyPrinter printer) {
            this.printer = printer;
        }

        @Override
        public PrettyPrinter getPrettyPrinter() {
            return printer;
        }

        @Override
        public boolean hasPrettyPrinter() {
            return true;
        }
    }
}
