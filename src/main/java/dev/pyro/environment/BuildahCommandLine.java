package dev.pyro.environment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What buildah is to do, inside a build namespace; {@link #toList} is its command line and {@link #variables} what it runs with. Everything that it
 * writes is in one folder.
 *
 * @param program where it is
 * @param stage the folder that is deleted afterwards
 * @param dockerfile the file
 * @param context what the file copies from
 * @param bases the layouts' images that stand for images which the file names, by the words that it uses: {@code DIR:TAG}
 * @param arguments values for its ARG instructions
 */
record BuildahCommandLine(
        Path program,
        Path stage,
        Path dockerfile,
        Path context,
        Map<String, String> bases,
        Map<String, String> arguments) {
    static final String TAG = "built";

    /** Returns the folder of the layout that it writes; the image in it has the tag {@link #TAG}. */
    Path layout() {
        return stage.resolve("image");
    }

    /** Returns the folder for what it keeps only while it runs; the caller makes it. */
    Path temporary() {
        return stage.resolve("tmp");
    }

    List<String> toList() {
        List<String> line = new ArrayList<>();
        line.add(program.toString());
        line.add("--root");
        line.add(stage.resolve("root").toString());
        line.add("--runroot");
        line.add(stage.resolve("run").toString());
        // The only one that needs no mounts.
        line.add("--storage-driver");
        line.add("vfs");
        line.add("bud");
        // The default one needs a program to run containers with.
        line.add("--isolation");
        line.add("chroot");
        line.add("--format");
        line.add("oci");
        line.add("--layers=false");
        bases.forEach((written, image) -> {
            line.add("--build-context");
            line.add(written + "=docker-image://oci:" + image);
        });
        arguments.forEach((name, value) -> {
            line.add("--build-arg");
            line.add(name + "=" + value);
        });
        line.add("-t");
        line.add("oci:" + layout() + ":" + TAG);
        line.add("-f");
        line.add(dockerfile.toString());
        line.add(context.toString());
        return List.copyOf(line);
    }

    /**
     * Returns the variables: without them it would write to the home folder and to /var/tmp. The one of its own makes it take the namespace that it is
     * in, and not make one itself.
     */
    Map<String, String> variables() {
        return Map.of(
                "HOME", stage.toString(),
                "TMPDIR", temporary().toString(),
                "XDG_RUNTIME_DIR", temporary().toString(),
                "XDG_CONFIG_HOME", stage.resolve("config").toString(),
                "XDG_DATA_HOME", stage.resolve("data").toString(),
                "_CONTAINERS_USERNS_CONFIGURED", "done");
    }
}
