package dev.pyro.oci;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One way in which a registry wants to be asked.
 *
 * @param scheme {@code basic} or {@code bearer}, or what else it may be, in lower case
 * @param parameters with their names in lower case
 */
record WwwAuthenticate(String scheme, Map<String, String> parameters) {
    private static final int MAX_CHARS = 8_192;

    WwwAuthenticate {
        parameters = Map.copyOf(parameters);
    }

    /** Returns the best of the ways that an answer's headers offer and that are known here: a token before a password. */
    static Optional<WwwAuthenticate> best(List<String> headers) {
        List<WwwAuthenticate> offers = new ArrayList<>();
        for (String header : headers) {
            if (header.length() <= MAX_CHARS) {
                offers.addAll(new Parser(header).parse());
            }
        }
        Optional<WwwAuthenticate> bearer =
                offers.stream().filter(offer -> offer.scheme.equals("bearer")).findFirst();
        return bearer.isPresent()
                ? bearer
                : offers.stream().filter(offer -> offer.scheme.equals("basic")).findFirst();
    }

    /** RFC 9110, section 11.6.1: what is malformed ends the header. */
    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        List<WwwAuthenticate> parse() {
            List<WwwAuthenticate> offers = new ArrayList<>();
            skip(", \t");
            while (at < text.length()) {
                String scheme = token();
                if (scheme.isEmpty()) {
                    break;
                }
                skip(" \t");
                offers.add(new WwwAuthenticate(scheme.toLowerCase(Locale.ROOT), parameters()));
                skip(", \t");
            }
            return offers;
        }

        /** Reads until the next scheme, which is a token without an equals sign. */
        private Map<String, String> parameters() {
            Map<String, String> parameters = new LinkedHashMap<>();
            while (at < text.length()) {
                int begin = at;
                String name = token();
                skip(" \t");
                if (name.isEmpty() || at >= text.length() || text.charAt(at) != '=') {
                    at = begin;
                    return parameters;
                }
                at++;
                // More than one end a token that is no parameter.
                skip("= \t");
                parameters.putIfAbsent(
                        name.toLowerCase(Locale.ROOT),
                        at < text.length() && text.charAt(at) == '"' ? quoted() : token());
                skip(", \t");
            }
            return parameters;
        }

        private String quoted() {
            StringBuilder value = new StringBuilder();
            at++;
            while (at < text.length() && text.charAt(at) != '"') {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at));
                at++;
            }
            at++;
            return value.toString();
        }

        private String token() {
            int begin = at;
            while (at < text.length() && " \t,=\"".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(begin, at);
        }

        private void skip(String characters) {
            while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }
    }
}
