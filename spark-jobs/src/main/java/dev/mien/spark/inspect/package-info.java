/**
 * A dataset, a run and embeddings in, one HTML page that shows them out. Changes nothing that it
 * looks at, and must not know how videos are decoded or how a network is trained.
 */
package dev.mien.spark.inspect;
