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
 * @param momentSteps those of them that the moments to start from hold, by which AdamW corrects
 *     their bias
 * @param localSteps to take
 * @param momentsFrom where the moments to start from are: {@code AVERAGE} in the broadcast, {@code
 *     LOCAL} in the replica's file if it has any, {@code RESET} nowhere
 * @param momentsTo where they go, likewise
 * @param encoding of the parameters on their way to the average
 * @param filesFrom folder of the replicas' files to start from
 * @param filesTo folder for those they leave
 * @param driver a name of its own, for these: others that train the run number their tasks alike
 * @param files those in {@code filesFrom} by their names, one a replica or none at all
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

  /**
   * Steps that the moments hold when the round is done.
   *
   * @param taken of its local steps, none where nothing could be read
   */
  public long momentStepsAfter(int taken) {
    return momentsTo == InnerState.RESET ? 0 : momentSteps + taken;
  }

  /** Vectors that move to the average: parameters, and moments where they are averaged. */
  public int moving() {
    return momentsTo == InnerState.AVERAGE ? 3 : 1;
  }
}
