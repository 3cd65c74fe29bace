/**
 * A dataset and a model in, scores of linear probes on its frozen embeddings out. Knows what was
 * held out of training, and nothing of how training is done.
 */
package dev.mien.spark.evaluate;
