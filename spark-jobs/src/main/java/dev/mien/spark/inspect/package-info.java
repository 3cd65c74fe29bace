/**
 * A dataset, a run and embeddings in, one HTML page that shows them out. Changes nothing that it
 * reads, and must not know how videos are decoded or how a network is trained.
 */
package dev.mien.spark.inspect;
