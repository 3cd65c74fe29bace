/**
 * A dataset and a model in, figures of what its frozen embeddings tell out. Knows what was held out
 * of training, and nothing of how training is done.
 */
package dev.mien.spark.evaluate;
