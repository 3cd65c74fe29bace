package dev.mien.spark.pretrain;

import java.util.List;
import java.util.Map;

/**
 * What a run's state comes of.
 *
 * @param checkpoint of the run, by name, from which it goes on; empty at its start
 * @param found names of the checkpoints among which that one was chosen, oldest first
 * @param figures that the checkpoint has
 * @param weights that the run began with, by URI and sha256; empty when they were drawn
 * @param versions of the dataset that the run was trained on before, if on others than now
 */
record Ancestry(
    String checkpoint,
    List<String> found,
    Map<String, Double> figures,
    String weights,
    List<Long> versions) {

  /** Of a run without checkpoints. */
  static Ancestry begin(String weights) {
    return new Ancestry("", List.of(), Map.of(), weights, List.of());
  }
}
