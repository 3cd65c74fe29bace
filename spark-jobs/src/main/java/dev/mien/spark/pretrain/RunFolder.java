package dev.mien.spark.pretrain;

import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.MetricsLog;
import dev.mien.spark.run.StepsRecord;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/** All that a run writes. */
record RunFolder(
    Configuration hadoop, Checkpoints checkpoints, MetricsLog metrics, StepsRecord steps) {

  /**
   * Opens a run's folder to go on after {@code rounds} finished rounds; what a killed run left
   * beyond them is taken away.
   */
  static RunFolder open(Configuration hadoop, String run, Checkpoints checkpoints, long rounds)
      throws IOException {
    checkpoints.discardUnfinished();
    return new RunFolder(
        hadoop, checkpoints, MetricsLog.resume(hadoop, run, rounds), StepsRecord.open(hadoop, run));
  }
}
