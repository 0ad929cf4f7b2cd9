package dev.pyro;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Gives the classes of old libraries a class file version that the JVM's start-up archives accept. The launcher runs it on its own copy of
 * the libraries.
 *
 * <p>picocli is compiled for Java 5. Such classes have no stack maps, are verified by the old verifier, and are left out of every
 * archive, which costs a third of a start. Here they get stack maps and a newer version; their code stays as it is.
 */
final class LibraryUpgrade {
    /** From here on archives take classes. */
    private static final int FIRST_ARCHIVABLE = ClassFile.JAVA_6_VERSION;

    private static final int NEW_VERSION = ClassFile.JAVA_8_VERSION;
    private static final int VERSION_OFFSET = 6;

    private LibraryUpgrade() {}

    /** Upgrades the jars in the folder that the first argument names, where they need it. */
    public static void main(String[] arguments) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
            for (Path jar :
                    files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                if (isOld(jar)) {
                    Path upgraded = jar.resolveSibling(jar.getFileName() + ".new");
                    upgrade(jar, upgraded);
                    Files.move(upgraded, jar, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    /** Tells whether a jar has a class that archives leave out for its age. */
    static boolean isOld(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            for (ZipEntry entry : file.stream().toList()) {
                if (isClass(entry) && version(file.getInputStream(entry).readAllBytes()) < FIRST_ARCHIVABLE) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Writes a jar of the same entries in the same order, with no class left that is too old. */
    static void upgrade(Path jar, Path target) throws IOException {
        try (JarFile file = new JarFile(jar.toFile());
                OutputStream output = Files.newOutputStream(target);
                ZipOutputStream zip = new ZipOutputStream(output)) {
            for (ZipEntry entry : file.stream().toList()) {
                byte[] content = file.getInputStream(entry).readAllBytes();
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTimeLocal(entry.getTimeLocal());
                zip.putNextEntry(copy);
                zip.write(isClass(entry) && version(content) < FIRST_ARCHIVABLE ? upgrade(content) : content);
            }
        }
    }

    private static byte[] upgrade(byte[] content) {
        ClassFile format = ClassFile.of(StackMapsOption.GENERATE_STACK_MAPS);
        ClassTransform rebuildCode = ClassTransform.transformingMethodBodies(CodeTransform.endHandler(code -> {}));
        ClassTransform setVersion = ClassTransform.endHandler(type -> type.withVersion(NEW_VERSION, 0));
        return format.transformClass(format.parse(content), rebuildCode.andThen(setVersion));
    }

    private static boolean isClass(ZipEntry entry) {
        return entry.getName().endsWith(".class");
    }

    private static int version(byte[] content) {
        return content.length < VERSION_OFFSET + 2
                ? FIRST_ARCHIVABLE
                : ((content[VERSION_OFFSET] & 0xff) << 8) | (content[VERSION_OFFSET + 1] & 0xff);
    }
}
