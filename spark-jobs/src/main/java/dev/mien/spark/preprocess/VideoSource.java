package dev.mien.spark.preprocess;

import java.io.Serializable;

/**
 * A video where it lies.
 *
 * @param uri of the file, as Hadoop names it
 * @param size in bytes
 * @param modified milliseconds since 1970
 */
public record VideoSource(String uri, long size, long modified) implements Serializable {}
