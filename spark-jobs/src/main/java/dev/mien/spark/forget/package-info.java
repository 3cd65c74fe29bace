/**
 * A person or a video in, and nothing of them left in a dataset, its subsets and embeddings. Knows
 * where things are stored, and nothing of how they were made.
 */
package dev.mien.spark.forget;
