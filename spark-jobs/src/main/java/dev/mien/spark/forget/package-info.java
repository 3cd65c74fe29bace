/**
 * A person or a video in, and nothing of them left in a dataset, its subsets and embeddings. Knows
 * where what is stored lies, and nothing of how it was made.
 */
package dev.mien.spark.forget;
