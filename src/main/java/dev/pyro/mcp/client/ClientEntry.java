package dev.pyro.mcp.client;

import dev.pyro.json.JsonEdit;
import dev.pyro.json.JsonEdit.Member;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Our server's entry in each form that clients have. Stateless. */
final class ClientEntry {
    /** Commands may take long, and the first use of an environment builds it; clients give up after one or two minutes. */
    static final int TOOL_TIMEOUT_SECONDS = 600;

    /** After a change of its sources, the launcher builds the program before it answers. */
    static final int STARTUP_TIMEOUT_SECONDS = 60;

    private static final String TYPE = "type";
    private static final Set<String> OF_HTTP =
            Set.of("url", "headers", "oauth", "bearer_token_env_var", "http_headers", "env_http_headers");
    private static final Set<String> OF_STDIO = Set.of("command", "args", "env", "environment", "cwd", "env_vars");

    private ClientEntry() {}

    /** {@code command}, {@code args}, {@code env}; {@code url}, {@code headers}. What most clients have. */
    static JsonEdit usual(ServerAccess access, boolean stdioType, boolean httpType, String tokenReference) {
        List<Member> members = new ArrayList<>();
        return switch (access) {
            case ServerAccess.Stdio stdio -> {
                if (stdioType) {
                    members.add(text(TYPE, "stdio"));
                }
                members.add(text("command", stdio.command()));
                members.add(new Member("args", JsonArray.ofStrings(stdio.arguments())));
                addEnvironment(members, "env", stdio.environment());
                yield new JsonEdit(members, List.of(), with(OF_HTTP, stdioType ? "" : TYPE));
            }
            case ServerAccess.Http(String url) -> {
                if (httpType) {
                    members.add(text(TYPE, "http"));
                }
                members.add(text("url", url));
                members.add(authorization(tokenReference));
                yield new JsonEdit(members, List.of(), with(OF_STDIO, httpType ? "" : TYPE));
            }
        };
    }

    /** OpenCode's, whose command is one array. */
    static JsonEdit openCode(ServerAccess access, boolean nested) {
        List<Member> members = new ArrayList<>();
        List<Member> defaults = nested
                ? List.of()
                : List.of(
                        new Member("enabled", new JsonBoolean(true)),
                        new Member("timeout", new JsonLong(TOOL_TIMEOUT_SECONDS * 1000L)));
        return switch (access) {
            case ServerAccess.Stdio stdio -> {
                members.add(text(TYPE, "local"));
                members.add(new Member(
                        "command",
                        JsonArray.ofStrings(Stream.concat(Stream.of(stdio.command()), stdio.arguments().stream())
                                .toList())));
                addEnvironment(members, "environment", stdio.environment());
                yield new JsonEdit(members, defaults, OF_HTTP);
            }
            case ServerAccess.Http(String url) -> {
                members.add(text(TYPE, "remote"));
                members.add(text("url", url));
                members.add(authorization("{env:" + ServerAccess.TOKEN_VARIABLE + "}"));
                members.add(new Member("oauth", new JsonBoolean(false)));
                yield new JsonEdit(members, defaults, OF_STDIO);
            }
        };
    }

    /** Codex's, which names the variable of the token by itself. */
    static JsonEdit codex(ServerAccess access) {
        List<Member> members = new ArrayList<>();
        List<Member> defaults = List.of(
                new Member("startup_timeout_sec", new JsonLong(STARTUP_TIMEOUT_SECONDS)),
                new Member("tool_timeout_sec", new JsonLong(TOOL_TIMEOUT_SECONDS)));
        return switch (access) {
            case ServerAccess.Stdio stdio -> {
                members.add(text("command", stdio.command()));
                members.add(new Member("args", JsonArray.ofStrings(stdio.arguments())));
                addEnvironment(members, "env", stdio.environment());
                yield new JsonEdit(members, defaults, OF_HTTP);
            }
            case ServerAccess.Http(String url) -> {
                members.add(text("url", url));
                members.add(text("bearer_token_env_var", ServerAccess.TOKEN_VARIABLE));
                yield new JsonEdit(members, defaults, OF_STDIO);
            }
        };
    }

    private static Member text(String name, String value) {
        return new Member(name, new JsonString(value));
    }

    private static Member authorization(String tokenReference) {
        return new Member(
                "headers",
                JsonObject.builder()
                        .put("Authorization", "Bearer " + tokenReference)
                        .build());
    }

    private static void addEnvironment(List<Member> members, String name, Map<String, String> environment) {
        if (!environment.isEmpty()) {
            JsonValue.Builder variables = JsonObject.builder();
            environment.forEach(variables::put);
            members.add(new Member(name, variables.build()));
        }
    }

    private static Set<String> with(Set<String> names, String other) {
        return Stream.concat(names.stream(), Stream.of(other))
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }
}
