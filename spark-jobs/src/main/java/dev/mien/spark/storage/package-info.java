/** Bytes in, a file that is whole out, on whatever file system. Knows nothing of what they mean. */
package dev.mien.spark.storage;
