/**
 * In: a geometry and a flat parameter vector. Out: the MARLIN network as TorchScript, its first
 * parameters, and embeddings of clips. It must not know optimisers, training state or where clips
 * come from.
 */
package dev.mien.model.marlin;
