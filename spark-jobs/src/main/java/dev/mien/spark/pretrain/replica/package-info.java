/**
 * The executor's half of pretraining: a replica's plan and the round's state in, its contribution
 * out. Knows samples and the exchange, and nothing of the driver.
 */
package dev.mien.spark.pretrain.replica;
