package dev.pyro.mcp;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.pyro.json.Json;
import dev.pyro.json.JsonValue.JsonObject;
import java.util.List;

/** JSON Schema 2020-12 by somebody else's hand. Stateless. */
public final class Schemas {
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private static final Schema META =
            REGISTRY.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));

    private Schemas() {}

    /** Returns what is wrong with a schema. */
    public static List<String> metaErrors(JsonObject schema) {
        return META.validate(Json.write(schema), InputFormat.JSON).stream()
                .map(Error::toString)
                .toList();
    }

    /** Returns what does not fit a schema in a value. */
    public static List<String> errors(JsonObject schema, JsonObject value) {
        return REGISTRY
                .getSchema(Json.write(schema), InputFormat.JSON)
                .validate(Json.write(value), InputFormat.JSON)
                .stream()
                .map(Error::toString)
                .toList();
    }
}
