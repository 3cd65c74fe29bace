/**
 * Bytes in, a file that is whole out, on whatever file system and however often it refuses, and
 * folders as users write them made whole. Knows nothing of what they mean.
 */
package dev.mien.spark.storage;
