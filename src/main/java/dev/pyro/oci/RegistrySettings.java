package dev.pyro.oci;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How registries are reached. Immutable.
 *
 * @param mirrors in the order in which they are asked
 * @param authorities files of certificates (PEM) that are trusted besides the host's own
 * @param plainHosts hosts, each {@code HOST[:PORT]}, that are spoken to without TLS
 * @param environment the variables that tell of proxies, credentials and the host's certificates
 */
public record RegistrySettings(
        List<Mirror> mirrors, List<Path> authorities, Set<String> plainHosts, Map<String, String> environment) {
    /** Mirrors, separated by blanks. */
    public static final String MIRROR_VARIABLE = "PYRO_REGISTRY_MIRROR";

    /** Files of certificates, separated by colons. */
    public static final String CA_VARIABLE = "PYRO_REGISTRY_CA";

    /** Hosts without TLS, separated by commas. */
    public static final String PLAIN_VARIABLE = "PYRO_PLAIN_HTTP";

    private static final int MAX_MIRRORS = 32;

    public RegistrySettings {
        mirrors = List.copyOf(mirrors);
        authorities = List.copyOf(authorities);
        plainHosts = Set.copyOf(plainHosts);
        environment = Map.copyOf(environment);
        if (mirrors.size() > MAX_MIRRORS) {
            throw invalid("there may be at most " + MAX_MIRRORS + " mirrors of registries");
        }
    }

    /**
     * Returns what environment variables say.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when one of Pyro's own is malformed
     */
    public static RegistrySettings of(Map<String, String> environment) {
        RegistryOptions options = new RegistryOptions(
                words(environment.getOrDefault(MIRROR_VARIABLE, ""), "\\s+"),
                words(environment.getOrDefault(CA_VARIABLE, ""), ":").stream()
                        .map(Path::of)
                        .toList(),
                words(environment.getOrDefault(PLAIN_VARIABLE, ""), "[,\\s]+"));
        return new RegistrySettings(List.of(), List.of(), Set.of(), environment).with(options);
    }

    /**
     * Returns these settings with what a call asks for; its mirrors are asked first.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT}
     */
    public RegistrySettings with(RegistryOptions options) {
        if (options.equals(RegistryOptions.NONE)) {
            return this;
        }
        List<Mirror> allMirrors =
                new ArrayList<>(options.mirrors().stream().map(Mirror::parse).toList());
        allMirrors.addAll(mirrors);
        Set<String> allPlain = new LinkedHashSet<>(plainHosts);
        for (String host : options.plainHosts()) {
            String lower = host.toLowerCase(Locale.ROOT);
            if (!ReferenceParser.isHostName(lower)) {
                throw invalid(
                        "a registry without TLS is HOST[:PORT], not \"" + Arguments.printableAddress(host) + "\"");
            }
            allPlain.add(lower);
        }
        for (Path file : options.authorities()) {
            if (!Files.isReadable(file) || !Files.isRegularFile(file)) {
                throw invalid("cannot read the certificates in " + Arguments.printable(file.toString())
                        + ", which --registry-ca or " + CA_VARIABLE + " names");
            }
        }
        return new RegistrySettings(
                allMirrors,
                Stream.concat(options.authorities().stream(), authorities.stream())
                        .toList(),
                allPlain,
                environment);
    }

    /** Returns the mirrors of a registry. */
    List<Mirror> mirrorsOf(String host) {
        return mirrors.stream().filter(mirror -> mirror.registry().equals(host)).toList();
    }

    private static List<String> words(String text, String separator) {
        return Arrays.stream(text.split(separator))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static PyroException invalid(String message) {
        return new PyroException(ErrorCode.INVALID_ARGUMENT, message);
    }
}
