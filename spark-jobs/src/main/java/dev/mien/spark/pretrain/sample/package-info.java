/**
 * The clips of a dataset version in, samples out: which clips are held out, which windows an epoch
 * draws, and in what order. Pure functions of names and seeds; knows nothing of replicas or rounds.
 */
package dev.mien.spark.pretrain.sample;
