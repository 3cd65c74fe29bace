package dev.mien.spark.pretrain.replica;

import dev.mien.spark.config.InnerState;
import dev.mien.spark.exchange.Encoding;
import dev.mien.spark.run.Manifest.StoredFile;
import java.io.Serializable;
import java.util.Map;

/**
 * What every replica is told of a round.
 *
 * @param round rounds finished before it
 * @param steps optimiser steps that the state has behind it
 * @param momentSteps how many of these the moments have accumulated, by which AdamW corrects their
 *     bias
 * @param localSteps steps to take
 * @param momentsFrom where the moments to start from are: with {@code AVERAGE} in the broadcast,
 *     with {@code LOCAL} in the replica's file if it has one; with {@code RESET} they are zero
 * @param momentsTo where the moments go afterwards, in the same terms
 * @param encoding of the parameters on their way to the average
 * @param filesFrom folder of the replicas' files to start from
 * @param filesTo folder for the files that they leave
 * @param driver unique name of the driver, used in the names of these files: other drivers of the
 *     same run number their tasks alike
 * @param files those in {@code filesFrom} by name, one per replica, or none at all
 */
public record RoundOrder(
    long round,
    long steps,
    long momentSteps,
    int localSteps,
    InnerState momentsFrom,
    InnerState momentsTo,
    Encoding encoding,
    String filesFrom,
    String filesTo,
    String driver,
    Map<String, StoredFile> files)
    implements Serializable {

  /** Steps that the moments have accumulated when the round is done. */
  public long momentStepsAfter() {
    return momentsTo == InnerState.RESET ? 0 : momentSteps + localSteps;
  }

  /**
   * The number of vectors that are averaged: the parameters, and the moments where they are
   * averaged.
   */
  public int moving() {
    return momentsTo == InnerState.AVERAGE ? 3 : 1;
  }
}
