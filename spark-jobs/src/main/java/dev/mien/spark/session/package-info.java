/**
 * A configuration in, a Spark session out that knows Delta and how to move Mien's types. Knows
 * which types the jobs send between processes, and nothing else of them.
 */
package dev.mien.spark.session;
