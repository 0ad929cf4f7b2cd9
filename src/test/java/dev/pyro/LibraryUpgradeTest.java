package dev.pyro;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** On picocli itself: the library that it is for. */
class LibraryUpgradeTest {
    @TempDir
    Path folder;

    @Test
    void oldClassesAreUpgradedAndStillWork() throws Exception {
        Path original = Path.of(CommandLine.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path jar = Files.copy(original, folder.resolve("picocli.jar"));
        assertThat(LibraryUpgrade.isOld(jar)).isTrue();

        LibraryUpgrade.main(new String[] {folder.toString()});

        assertThat(LibraryUpgrade.isOld(jar)).isFalse();
        assertThat(folder.toFile().list()).containsExactly("picocli.jar");
        try (JarFile before = new JarFile(original.toFile());
                JarFile after = new JarFile(jar.toFile())) {
            assertThat(after.stream().map(Object::toString))
                    .containsExactlyElementsOf(
                            before.stream().map(Object::toString).toList());
        }
        // Loading each class with initialisation verifies it.
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null);
                JarFile file = new JarFile(jar.toFile())) {
            for (String name : file.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.endsWith(".class") && !name.contains("-info"))
                    .toList()) {
                Class.forName(name.substring(0, name.length() - 6).replace('/', '.'), true, loader);
            }
            Class<?> commandLine = loader.loadClass("picocli.CommandLine");
            assertThat(commandLine.getClassLoader()).isSameAs(loader);
        }
    }

    @Test
    void whatIsNewEnoughIsLeftAlone() throws Exception {
        Path original = Path.of(
                Test.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path jar = Files.copy(original, folder.resolve("junit.jar"));
        byte[] before = Files.readAllBytes(jar);
        LibraryUpgrade.main(new String[] {folder.toString()});
        assertThat(Files.readAllBytes(jar)).isEqualTo(before);
    }
}
