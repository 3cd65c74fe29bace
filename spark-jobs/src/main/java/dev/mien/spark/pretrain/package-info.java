/**
 * The driver's half of pretraining: a dataset version and a configuration in, checkpoints and
 * metrics out, by rounds of local training and averaging. Samples are chosen in {@code sample},
 * tasks run {@code replica}, states travel by the exchange, and the mathematics is the model
 * module's.
 */
package dev.mien.spark.pretrain;
