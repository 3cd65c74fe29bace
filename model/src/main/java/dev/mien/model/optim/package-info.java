/**
 * In: the optimiser's settings and a count of finished steps. Out: the learning rate of the next.
 * It must not know networks, tensors or clips.
 */
package dev.mien.model.optim;
