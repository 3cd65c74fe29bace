/**
 * A dataset version and a configuration in, checkpoints and metrics out, by rounds of local
 * training and averaging. Knows samples, replicas and rounds; the mathematics is the model
 * module's.
 */
package dev.mien.spark.pretrain;
