package dev.mien.spark.pretrain;

import dev.mien.model.train.LocalTrainer;
import dev.mien.model.train.StepLoss;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.exchange.ChunkKey;
import dev.mien.spark.exchange.Contribution;
import dev.mien.spark.exchange.StateBroadcast;
import dev.mien.spark.exchange.StateReduce;
import java.io.IOException;
import java.util.Iterator;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** The task of a replica in a round: τ local steps from the round's state. */
final class TrainReplica implements PairFlatMapFunction<ReplicaPlan, ChunkKey, Contribution> {

  private static final long serialVersionUID = 1L;

  private final Broadcast<RunSpecification> run;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final StateBroadcast start;

  TrainReplica(
      Broadcast<RunSpecification> run,
      Broadcast<SerializableConfiguration> hadoop,
      StateBroadcast start) {
    this.run = run;
    this.hadoop = hadoop;
    this.start = start;
  }

  @Override
  public Iterator<Tuple2<ChunkKey, Contribution>> call(ReplicaPlan plan) throws IOException {
    RunSpecification specification = run.value();
    TrainingState from = start.state(specification.architecture().layout());
    Tally tally = new Tally(from.steps());

    try (var lease = ResidentReplica.borrow(specification)) {
      ResidentReplica replica = lease.thing();
      LocalTrainer trainer = replica.trainer();
      trainer.load(from);
      replica
          .reader()
          .forEach(
              plan.samples(),
              specification.training().augmentation(),
              hadoop.value().value(),
              (batch, waited) -> {
                long began = System.nanoTime();
                double rate = specification.schedule().at(tally.step);
                StepLoss loss = trainer.step(batch, rate);
                tally.add(loss, batch.size(), waited, System.nanoTime() - began);
              });
      return StateReduce.contribute(
          plan.replica(), trainer.state(), tally.examples, tally.receipt(plan.replica()));
    }
  }

  /** Sums over the steps of one replica in one round. */
  private static final class Tally {

    private long step;
    private long steps;
    private long examples;
    private double reconstruction;
    private double adversarial;
    private double discriminator;
    private double gradientNorm;
    private long waitedNanos;
    private long trainedNanos;

    private Tally(long step) {
      this.step = step;
    }

    private void add(StepLoss loss, int clips, long waited, long trained) {
      step++;
      steps++;
      examples += clips;
      reconstruction += loss.reconstruction();
      adversarial += loss.adversarial();
      discriminator += loss.discriminator();
      gradientNorm += loss.gradientNorm();
      waitedNanos += waited;
      trainedNanos += trained;
    }

    private ReplicaReceipt receipt(int replica) {
      return new ReplicaReceipt(
          replica,
          examples,
          reconstruction / steps,
          adversarial / steps,
          discriminator / steps,
          gradientNorm / steps,
          trainedNanos * 1e-9,
          waitedNanos * 1e-9);
    }
  }
}
