package dev.mien.spark.pretrain.replica;

import dev.mien.model.train.LocalTrainer;
import dev.mien.model.train.Reconstruction;
import dev.mien.spark.exchange.StateBroadcast;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The task of a validation: takes a share of the held-out windows and returns the loss over them.
 */
public final class ValidateShare implements Function<ReplicaPlan, Validated> {

  private static final long serialVersionUID = 1L;

  private final Broadcast<RunSpecification> run;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final StateBroadcast state;
  private final int shown;

  /**
   * The tasks of a validation; each call validates one share.
   *
   * @param shown how many clips of each share are drawn at most
   */
  public ValidateShare(
      Broadcast<RunSpecification> run,
      Broadcast<SerializableConfiguration> hadoop,
      StateBroadcast state,
      int shown) {
    this.run = run;
    this.hadoop = hadoop;
    this.state = state;
    this.shown = shown;
  }

  @Override
  public Validated call(ReplicaPlan plan) throws IOException {
    RunSpecification specification = run.value();
    return TaskLimit.within(
        specification.training().taskLimit(),
        "Share %d of the validation".formatted(plan.replica()),
        () -> validate(specification, plan));
  }

  private Validated validate(RunSpecification specification, ReplicaPlan plan) throws IOException {
    try (var lease = ResidentReplica.borrow(specification)) {
      Validated validated = validate(specification, plan, lease.thing());
      lease.keep();
      return validated;
    }
  }

  private Validated validate(
      RunSpecification specification, ReplicaPlan plan, ResidentReplica replica)
      throws IOException {
    double[] sum = {0};
    long[] clips = {0};
    List<Picture> pictures = new ArrayList<>();
    LocalTrainer trainer = replica.trainer();
    state.forEachPart(
        1,
        (vector, from, values, count) -> trainer.vectors().get(vector).set(from, values, 0, count));
    replica
        .reader()
        .forEach(
            plan.samples(),
            hadoop.value().value(),
            (batch, waited) -> {
              sum[0] += trainer.evaluate(batch).reconstruction() * batch.size();
              clips[0] += batch.size();
              if (pictures.size() < shown) {
                Reconstruction filled = trainer.reconstruct(batch);
                for (int i = 0; i < batch.size() && pictures.size() < shown; i++) {
                  pictures.add(Picture.of(specification.architecture(), batch, filled, i));
                }
              }
            });
    return new Validated(sum[0], clips[0], pictures);
  }
}
