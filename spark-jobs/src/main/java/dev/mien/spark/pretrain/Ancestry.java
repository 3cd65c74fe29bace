package dev.mien.spark.pretrain;

import java.util.List;

/**
 * What a run's state comes of.
 *
 * @param checkpoint of the run, by name, from which it goes on; empty at its start
 * @param weights that the run began with, by URI and sha256; empty when they were drawn
 * @param versions of the dataset that the run was trained on before, if on others than now
 */
record Ancestry(String checkpoint, String weights, List<Long> versions) {}
