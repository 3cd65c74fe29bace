package dev.mien.spark.pretrain;

import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Divergence;
import dev.mien.spark.run.FirstWeights;
import dev.mien.spark.run.MetricsLog;
import dev.mien.spark.run.RunOwner;
import dev.mien.spark.run.StepsRecord;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** Everything that a run writes. */
record RunFolder(
    Configuration hadoop,
    String run,
    Checkpoints checkpoints,
    MetricsLog metrics,
    TensorBoard board,
    StepsRecord steps,
    RunOwner owner) {

  /** How a run's folder is opened. */
  enum Opening {
    /** By a run that begins: steps that another run recorded there do not count. */
    BEGIN,
    /** By a run that goes on with the steps that were recorded. */
    GO_ON
  }

  /**
   * Opens the folder of a run. What a killed driver left beyond the state is deleted.
   *
   * @param driver name of the driver that takes the run over
   * @throws IllegalArgumentException when a run is started again from its beginning with other
   *     weights
   * @throws IllegalStateException when the run went on after its state was read
   */
  static RunFolder open(
      Configuration hadoop,
      String run,
      String driver,
      Plan plan,
      RoundState start,
      Ancestry ancestry,
      Opening opening)
      throws IOException {
    if (opening == Opening.GO_ON && start.round() == 0) {
      FirstWeights.keep(hadoop, run, ancestry.weights());
    }
    RunOwner owner = RunOwner.take(hadoop, run, driver);
    Checkpoints checkpoints = new Checkpoints(hadoop, run).ownedBy(owner);
    requireAsFound(checkpoints, run, ancestry.found());
    if (opening == Opening.BEGIN) {
      StepsRecord.discard(hadoop, run);
      FirstWeights.write(hadoop, run, ancestry.weights());
    }

    Divergence.discard(hadoop, run);
    // A damaged checkpoint would count as the newest, and be kept in place of those that the run
    // writes.
    checkpoints.discardAfter(start.round(), ancestry.found());
    checkpoints.discardUnfinished();
    long validations =
        plan.validates(start.round(), start.steps()) ? start.round() - 1 : start.round();
    return new RunFolder(
        hadoop,
        run,
        checkpoints,
        MetricsLog.resume(hadoop, run, start.round()),
        TensorBoard.start(hadoop, run, start.round(), validations, start.steps()),
        StepsRecord.open(hadoop, run),
        owner);
  }

  /**
   * Checks that the former driver has not written or deleted checkpoints before it learnt of the
   * takeover.
   */
  private static void requireAsFound(Checkpoints checkpoints, String run, List<String> found)
      throws IOException {
    List<String> names = checkpoints.names();
    if (!names.equals(found)) {
      throw new IllegalStateException(
          ("Run %s went on under another driver while this one read it: it had the checkpoints %s,"
                  + " and has %s (go on with --resume, once more)")
              .formatted(run, found, names));
    }
  }
}
