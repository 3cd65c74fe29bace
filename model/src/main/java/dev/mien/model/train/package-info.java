/**
 * In: a training state, batches and learning rates. Out: losses, reconstructions and the next
 * state. It must not know other replicas, tables or files.
 */
package dev.mien.model.train;
