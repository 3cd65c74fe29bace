/**
 * In: an optimiser's settings and a number of finished steps. Out: the next step's learning rate.
 * It must not know networks, tensors or clips.
 */
package dev.mien.model.optim;
