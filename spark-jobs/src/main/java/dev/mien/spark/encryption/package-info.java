/**
 * Keys that encrypt the files of a dataset come in, wrapped by a master key that stays with
 * Hadoop's key provider; they go out wrapped. Knows neither the tables nor the files.
 */
package dev.mien.spark.encryption;
