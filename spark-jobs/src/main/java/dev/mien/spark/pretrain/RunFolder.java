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

/** All that a run writes. */
record RunFolder(
    Configuration hadoop,
    String run,
    Checkpoints checkpoints,
    MetricsLog metrics,
    TensorBoard board,
    StepsRecord steps,
    RunOwner owner) {

  /** Whose folder it is. */
  enum Opening {
    /** That of a run that begins: steps that another recorded there are not its own. */
    BEGIN,
    /** That of a run that goes on, by the steps that were recorded. */
    GO_ON
  }

  /**
   * Opens the folder of a run; what a killed run left beyond the state is taken away.
   *
   * @param driver name of the driver whose own it becomes
   * @throws IllegalArgumentException when a run goes on from its start, with other weights
   * @throws IllegalStateException when the run went on since its state was read
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
    // A damaged one would count as the newest, and be kept in place of what the run writes.
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

  /** The former driver may have written checkpoints, and deleted old ones, until it was told. */
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
