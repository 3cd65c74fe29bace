/**
 * Keys that encrypt a dataset's files in, wrapped keys out, by a master key that stays with
 * Hadoop's key provider. Knows neither the tables nor the files.
 */
package dev.mien.spark.encryption;
