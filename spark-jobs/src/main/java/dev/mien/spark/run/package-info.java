/**
 * Training states and figures in, a run's folder of checkpoints and metrics out, and back. Knows
 * files and what they promise, and nothing of how a round is trained.
 */
package dev.mien.spark.run;
