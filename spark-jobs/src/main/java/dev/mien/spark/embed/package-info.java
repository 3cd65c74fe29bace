/**
 * Stored clips and a model in, one embedding per window out, as a Spark ML transformer and as a
 * job. Knows columns and models by URL, and nothing of how a model was trained.
 */
package dev.mien.spark.embed;
