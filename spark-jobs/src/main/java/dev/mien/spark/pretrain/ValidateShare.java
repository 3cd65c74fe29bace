package dev.mien.spark.pretrain;

import dev.mien.model.train.LocalTrainer;
import dev.mien.spark.exchange.StateBroadcast;
import java.io.IOException;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * The task of a validation: a share of the held-out windows in, their summed loss and number out.
 */
final class ValidateShare implements Function<ReplicaPlan, Tuple2<Double, Long>> {

  private static final long serialVersionUID = 1L;

  private final Broadcast<RunSpecification> run;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final StateBroadcast state;

  ValidateShare(
      Broadcast<RunSpecification> run,
      Broadcast<SerializableConfiguration> hadoop,
      StateBroadcast state) {
    this.run = run;
    this.hadoop = hadoop;
    this.state = state;
  }

  @Override
  public Tuple2<Double, Long> call(ReplicaPlan plan) throws IOException {
    RunSpecification specification = run.value();
    double[] sum = {0};
    long[] clips = {0};

    try (var lease = ResidentReplica.borrow(specification)) {
      ResidentReplica replica = lease.thing();
      LocalTrainer trainer = replica.trainer();
      state.forEachPart(
          (vector, from, values, at, count) -> {
            if (vector == 0) {
              trainer.vectors().get(0).set(from, values, at, count);
            }
          });
      replica
          .reader()
          .forEach(
              plan.samples(),
              hadoop.value().value(),
              (batch, waited) -> {
                sum[0] += trainer.evaluate(batch).reconstruction() * batch.size();
                clips[0] += batch.size();
              });
      lease.keep();
    }

    return new Tuple2<>(sum[0], clips[0]);
  }
}
