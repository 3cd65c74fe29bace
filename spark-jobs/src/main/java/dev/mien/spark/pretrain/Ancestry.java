package dev.mien.spark.pretrain;

/**
 * What a run's state comes of.
 *
 * @param checkpoint of the run, by name, from which it goes on; empty at its start
 * @param weights that the run began with, by URI and sha256; empty when they were drawn
 */
record Ancestry(String checkpoint, String weights) {}
