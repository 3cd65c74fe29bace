/**
 * Stored clips and a model in, an embedding a window out, as a Spark ML transformer and as a job.
 * Knows columns and models by URL, and nothing of how a model was trained.
 */
package dev.mien.spark.embed;
