package dev.pyro.demo;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * A server that speaks OpenAI's chat completions, and the model that is wanted of it.
 *
 * @param baseUrl where its interface begins, such as {@code http://localhost:11434/v1}
 * @param model the model's name
 * @param apiKey what it is asked with, empty for nothing
 */
public record ModelServer(URI baseUrl, String model, String apiKey) {
    /** Where Ollama listens. */
    public static final String DEFAULT_BASE_URL = "http://localhost:11434/v1";

    /** Small enough for a laptop, and able to call tools. */
    public static final String DEFAULT_MODEL = "llama3.2:3b";

    /** The variable that holds an API key. */
    public static final String API_KEY_VARIABLE = "PYRO_DEMO_API_KEY";

    private static final int MAX_MODEL_CHARS = 200;

    /**
     * Checks what a user gave.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT}
     */
    public static ModelServer of(String baseUrl, String model, String apiKey) {
        if (model.isBlank() || model.length() > MAX_MODEL_CHARS) {
            throw invalid("the model's name must have 1 to " + MAX_MODEL_CHARS + " characters, not \""
                    + Arguments.printable(model) + "\"");
        }
        URI url = url(baseUrl);
        if (!apiKey.isEmpty()) {
            if (!apiKey.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                throw invalid(API_KEY_VARIABLE + " has characters that no API key has");
            }
            if (!url.getScheme().equals("https") && !isLoopback(url.getHost())) {
                throw invalid("the API key would go to " + url.getHost() + " unprotected; use https, or unset "
                        + API_KEY_VARIABLE);
            }
        }
        return new ModelServer(url, model, apiKey);
    }

    /** Returns the address of chat completions. */
    URI completions() {
        return URI.create(baseUrl + "/chat/completions");
    }

    /** Never shows the key. */
    @Override
    public String toString() {
        return model + " at " + baseUrl;
    }

    private static URI url(String text) {
        try {
            URI url = new URI(text.replaceAll("/+$", ""));
            String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
            boolean plain = url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null;
            if (plain && (scheme.equals("http") || scheme.equals("https"))) {
                return new URI(scheme, null, url.getHost(), url.getPort(), url.getPath(), null, null);
            }
        } catch (URISyntaxException e) {
            // The message below says it all.
        }
        throw invalid("the base URL must be one such as " + DEFAULT_BASE_URL
                + ", without a user's name, a query or a fragment, not \"" + Arguments.printable(text) + "\"");
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("[::1]") || host.matches("127(?:\\.\\d{1,3}){3}");
    }

    private static PyroException invalid(String message) {
        return new PyroException(ErrorCode.INVALID_ARGUMENT, message);
    }
}
