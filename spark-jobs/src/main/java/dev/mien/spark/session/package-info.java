/**
 * A configuration in, a Spark session out that knows Delta and how to send Mien's types. Knows
 * which types the jobs send between processes, and nothing else of the jobs.
 */
package dev.mien.spark.session;
