/**
 * A replica's plan and the round's state in, its contribution out: what runs in a task. Knows
 * samples and the exchange, and nothing of the driver.
 */
package dev.mien.spark.pretrain.replica;
