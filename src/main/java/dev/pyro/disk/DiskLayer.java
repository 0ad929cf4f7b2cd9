package dev.pyro.disk;

import java.nio.file.Path;

/**
 * One file of a disk that is made of several, each over the one before. What a layer's own header says about others is never
 * believed: a guest that broke out could have written it.
 *
 * @param file the file
 * @param format how it is read; the lowest layer may have either, all others are overlays
 */
public record DiskLayer(Path file, Qcow2.Format format) {}
