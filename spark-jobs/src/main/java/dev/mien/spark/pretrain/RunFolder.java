package dev.mien.spark.pretrain;

import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.MetricsLog;
import dev.mien.spark.run.RunOwner;
import dev.mien.spark.run.StepsRecord;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/** All that a run writes. */
record RunFolder(
    Configuration hadoop,
    Checkpoints checkpoints,
    MetricsLog metrics,
    TensorBoard board,
    StepsRecord steps,
    RunOwner owner) {

  /**
   * Opens a run's folder to go on from a state; what a killed run left beyond it is taken away.
   *
   * @param driver what the cluster calls the driver whose own it becomes
   */
  static RunFolder open(Configuration hadoop, String run, String driver, RoundState start)
      throws IOException {
    RunOwner owner = RunOwner.take(hadoop, run, driver);
    Checkpoints checkpoints = new Checkpoints(hadoop, run).ownedBy(owner);
    // A damaged one would count as the newest, and be kept in place of what the run writes.
    checkpoints.discardAfter(start.round());
    checkpoints.discardUnfinished();
    return new RunFolder(
        hadoop,
        checkpoints,
        MetricsLog.resume(hadoop, run, start.round()),
        TensorBoard.start(hadoop, run, start.round(), start.steps()),
        StepsRecord.open(hadoop, run),
        owner);
  }
}
