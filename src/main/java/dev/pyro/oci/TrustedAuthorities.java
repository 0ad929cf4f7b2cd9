package dev.pyro.oci;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The authorities whose certificates are trusted: those of the JDK, those of the host, which its administrator may have added to, those that
 * are kept for one registry where other programs look for them, and those that were named. Immutable.
 */
final class TrustedAuthorities {
    private static final Path HOST_BUNDLE = Path.of("/etc/ssl/certs/ca-certificates.crt");
    private static final int MAX_FILE_BYTES = 8 << 20;
    private static final int MAX_FILES_OF_HOST = 64;

    private final List<Path> named;
    private final Map<String, String> environment;

    TrustedAuthorities(RegistrySettings settings) {
        this.named = settings.authorities();
        this.environment = settings.environment();
    }

    /** Tells whether certificates are kept for this {@code HOST[:PORT]} alone. */
    boolean hasOwn(String host) {
        return !filesOf(host).isEmpty();
    }

    /**
     * Returns what proves the certificates of one host; reads the files.
     *
     * @param host {@code HOST[:PORT]}, or empty for any
     * @throws PyroException {@link ErrorCode#REGISTRY_UNAVAILABLE} when a file that was named holds no certificates
     */
    SSLContext context(String host) {
        Set<Certificate> trusted = new LinkedHashSet<>();
        trusted.addAll(optional(HOST_BUNDLE));
        String bundle = environment.getOrDefault("SSL_CERT_FILE", "");
        if (bundle.startsWith("/")) {
            trusted.addAll(optional(Path.of(bundle)));
        }
        if (!host.isEmpty()) {
            filesOf(host).forEach(file -> trusted.addAll(required(file)));
        }
        named.forEach(file -> trusted.addAll(required(file)));
        try {
            for (TrustManager manager : managers(null)) {
                if (manager instanceof X509TrustManager jdk) {
                    trusted.addAll(List.of(jdk.getAcceptedIssuers()));
                }
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : trusted) {
                store.setCertificateEntry("authority-" + number, certificate);
                number++;
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers(store), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new PyroException(
                    ErrorCode.REGISTRY_UNAVAILABLE,
                    "the certificates of this host cannot be used for TLS: " + e.getMessage() + "; look at "
                            + HOST_BUNDLE + " and SSL_CERT_FILE",
                    e);
        }
    }

    private static TrustManager[] managers(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /** Other programs want them here too. */
    private List<Path> filesOf(String host) {
        List<Path> folders = new ArrayList<>();
        try {
            String home = environment.getOrDefault("HOME", "");
            if (home.startsWith("/")) {
                folders.add(Path.of(home, ".config/containers/certs.d", host));
            }
            folders.add(Path.of("/etc/containers/certs.d", host));
            folders.add(Path.of("/etc/docker/certs.d", host));
        } catch (InvalidPathException e) {
            return List.of();
        }
        List<Path> files = new ArrayList<>();
        for (Path folder : folders) {
            if (Files.isDirectory(folder)) {
                try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, "*.crt")) {
                    stream.forEach(files::add);
                } catch (IOException e) {
                    // One that this user may not read is not for this user.
                }
            }
        }
        return files.subList(0, Math.min(files.size(), MAX_FILES_OF_HOST));
    }

    private static Collection<? extends Certificate> optional(Path file) {
        try {
            return Files.isRegularFile(file) ? read(file) : List.of();
        } catch (IOException | CertificateException e) {
            // The JDK's own are left, and a certificate that is not trusted is told as such.
            return List.of();
        }
    }

    private static Collection<? extends Certificate> required(Path file) {
        try {
            Collection<? extends Certificate> read = read(file);
            if (read.isEmpty() || !read.stream().allMatch(X509Certificate.class::isInstance)) {
                throw new CertificateException("it holds none");
            }
            return read;
        } catch (IOException | CertificateException e) {
            throw new PyroException(
                    ErrorCode.REGISTRY_UNAVAILABLE,
                    "the certificates in " + file + " cannot be read ("
                            + Arguments.printable(String.valueOf(e.getMessage()))
                            + "); it must be a file of certificates in PEM form",
                    e);
        }
    }

    private static Collection<? extends Certificate> read(Path file) throws IOException, CertificateException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("it is no file");
        }
        byte[] bytes;
        try (InputStream stream = Files.newInputStream(file)) {
            bytes = stream.readNBytes(MAX_FILE_BYTES);
        }
        return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes));
    }
}
