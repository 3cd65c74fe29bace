/**
 * A dataset version and a configuration in, checkpoints and metrics out, by rounds of local
 * training and averaging: the driver's half. What is trained on is {@code sample}'s, what runs in a
 * task {@code replica}'s, how states travel the exchange's, and the mathematics the model module's.
 */
package dev.mien.spark.pretrain;
