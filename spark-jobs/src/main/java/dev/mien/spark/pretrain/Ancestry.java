package dev.mien.spark.pretrain;

import java.util.List;
import java.util.Map;

/**
 * Where a run's state comes from.
 *
 * @param checkpoint name of the run's checkpoint that it goes on from; empty at its start
 * @param found names of the checkpoints among which that one was chosen, oldest first
 * @param figures recorded in the checkpoint
 * @param weights that the run began with, by URI and sha256; empty when they were drawn from the
 *     seed
 * @param versions of the dataset that the run was trained on before, if others than now
 */
record Ancestry(
    String checkpoint,
    List<String> found,
    Map<String, Double> figures,
    String weights,
    List<Long> versions) {

  /** The ancestry of a run that has no checkpoint yet. */
  static Ancestry begin(String weights) {
    return new Ancestry("", List.of(), Map.of(), weights, List.of());
  }
}
