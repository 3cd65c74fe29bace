/**
 * Bytes in, whole files out, on any file system and however often it refuses; the folders that
 * users name are made absolute. Knows nothing of what the files mean.
 */
package dev.mien.spark.storage;
