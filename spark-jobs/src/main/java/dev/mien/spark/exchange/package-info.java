/**
 * Training states in, their average out, in chunks of at most 32 MiB whatever the model. Knows
 * Spark's limits on what moves, and nothing of what the numbers mean.
 */
package dev.mien.spark.exchange;
