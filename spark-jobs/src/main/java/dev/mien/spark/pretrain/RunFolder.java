package dev.mien.spark.pretrain;

import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.FirstWeights;
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

  /** How a run's folder is opened: {@link #begin} or {@link #goOn}. */
  @FunctionalInterface
  interface Opening {

    /**
     * Opens it; what a killed run left beyond the state is taken away.
     *
     * @param driver what the cluster calls the driver whose own it becomes
     */
    RunFolder open(
        Configuration hadoop,
        String run,
        String driver,
        Plan plan,
        RoundState start,
        Ancestry ancestry)
        throws IOException;
  }

  /** Opens the folder of a run that begins: steps that another recorded there are not its own. */
  static RunFolder begin(
      Configuration hadoop,
      String run,
      String driver,
      Plan plan,
      RoundState start,
      Ancestry ancestry)
      throws IOException {
    RunOwner owner = RunOwner.take(hadoop, run, driver);
    StepsRecord.discard(hadoop, run);
    FirstWeights.write(hadoop, run, ancestry.weights());
    return open(hadoop, run, owner, plan, start);
  }

  /**
   * Opens the folder of a run that goes on, by the steps that were recorded.
   *
   * @throws IllegalArgumentException when it goes on from its start, with other weights
   */
  static RunFolder goOn(
      Configuration hadoop,
      String run,
      String driver,
      Plan plan,
      RoundState start,
      Ancestry ancestry)
      throws IOException {
    if (start.round() == 0) {
      FirstWeights.keep(hadoop, run, ancestry.weights());
    }
    return open(hadoop, run, RunOwner.take(hadoop, run, driver), plan, start);
  }

  private static RunFolder open(
      Configuration hadoop, String run, RunOwner owner, Plan plan, RoundState start)
      throws IOException {
    Checkpoints checkpoints = new Checkpoints(hadoop, run).ownedBy(owner);
    // A damaged one would count as the newest, and be kept in place of what the run writes.
    checkpoints.discardAfter(start.round());
    checkpoints.discardUnfinished();
    long validations =
        plan.validates(start.round(), start.steps()) ? start.round() - 1 : start.round();
    return new RunFolder(
        hadoop,
        checkpoints,
        MetricsLog.resume(hadoop, run, start.round()),
        TensorBoard.start(hadoop, run, start.round(), validations, start.steps()),
        StepsRecord.open(hadoop, run),
        owner);
  }
}
