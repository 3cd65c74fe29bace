package dev.mien.spark.pretrain.replica;

import dev.mien.model.nn.FlatVector;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.train.LocalTrainer;
import dev.mien.model.train.NonFiniteLossException;
import dev.mien.model.train.StepLoss;
import dev.mien.spark.config.InnerState;
import dev.mien.spark.exchange.ChunkKey;
import dev.mien.spark.exchange.Contribution;
import dev.mien.spark.exchange.Contributions;
import dev.mien.spark.exchange.Encoding;
import dev.mien.spark.exchange.StateBroadcast;
import dev.mien.spark.run.Manifest.StoredFile;
import dev.mien.spark.run.ReplicaFile;
import dev.mien.spark.run.Snapshot;
import dev.mien.spark.storage.Patience;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * The task of a replica in a round: τ local steps from the round's state. Its result is a pure
 * function of its arguments, on whichever executor and however often it runs.
 */
public final class TrainReplica
    implements PairFlatMapFunction<ReplicaPlan, ChunkKey, Contribution> {

  private static final long serialVersionUID = 1L;

  private static final String FIRST_MOMENT = "first_moment";
  private static final String SECOND_MOMENT = "second_moment";
  private static final String RESIDUAL = "residual";

  private final Broadcast<RunSpecification> run;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final StateBroadcast start;
  private final RoundOrder order;

  /** The tasks of a round; each call runs one plan. */
  public TrainReplica(
      Broadcast<RunSpecification> run,
      Broadcast<SerializableConfiguration> hadoop,
      StateBroadcast start,
      RoundOrder order) {
    this.run = run;
    this.hadoop = hadoop;
    this.start = start;
    this.order = order;
  }

  @Override
  public Iterator<Tuple2<ChunkKey, Contribution>> call(ReplicaPlan plan) throws IOException {
    RunSpecification specification = run.value();
    return TaskLimit.within(
        specification.training().taskLimit(),
        "Replica %d of round %d".formatted(plan.replica(), order.round() + 1),
        () -> train(specification, plan));
  }

  private Iterator<Tuple2<ChunkKey, Contribution>> train(
      RunSpecification specification, ReplicaPlan plan) throws IOException {
    try (var lease = ResidentReplica.borrow(specification)) {
      Iterator<Tuple2<ChunkKey, Contribution>> sent = train(specification, plan, lease.thing());
      lease.keep();
      return sent;
    }
  }

  private Iterator<Tuple2<ChunkKey, Contribution>> train(
      RunSpecification specification, ReplicaPlan plan, ResidentReplica resident)
      throws IOException {
    LocalTrainer trainer = resident.trainer();
    float[] residual = load(specification, plan.replica(), resident);
    ReplicaTally tally = new ReplicaTally(order.steps());
    try {
      resident
          .reader()
          .forEach(
              plan.samples(),
              specification.training().augmentation(),
              hadoop(),
              (batch, waited) -> {
                // Otherwise a cancelled round would go on, in a process that may be ending.
                TaskContext.get().killTaskIfInterrupted();
                long began = System.nanoTime();
                double rate = specification.schedule().at(tally.step());
                StepLoss loss = trainer.step(batch, rate);
                tally.add(loss, batch.size(), waited, System.nanoTime() - began);
              });
    } catch (NonFiniteLossException e) {
      // It would fail again: another try is of no use.
      return Contributions.failure(
          plan.replica(), "In step %d: %s".formatted(tally.step() + 1, e.getMessage()));
    }
    tally.leftOut(resident.reader().leftOut());
    // The row groups are read while the replicas' states are exchanged.
    resident.reader().prefetch(plan.next(), hadoop());
    return send(specification, plan, resident, residual, tally);
  }

  /**
   * Loads the state to start from.
   *
   * @return the residual of the replica's earlier encodings; empty when parameters are not rounded
   */
  private float[] load(RunSpecification specification, int replica, ResidentReplica resident)
      throws IOException {
    Optional<StoredFile> held = resident.takeMoments();
    boolean holdsMoments =
        order.momentsFrom() == InnerState.LOCAL
            && held.equals(Optional.of(ReplicaFile.stored(replica, order.files())));
    LocalTrainer trainer = resident.trainer();
    List<FlatVector> vectors = trainer.vectors();
    start.forEachPart(
        (vector, from, values, count) -> vectors.get(vector).set(from, values, 0, count));

    ParameterLayout layout = specification.architecture().layout();
    float[] residual = new float[order.encoding() == Encoding.FLOAT32 ? 0 : layout.size()];
    Map<String, ReplicaFile.Taker> wanted = new TreeMap<>();
    if (order.momentsFrom() == InnerState.LOCAL && !holdsMoments) {
      wanted.put(FIRST_MOMENT, into(vectors.get(1)));
      wanted.put(SECOND_MOMENT, into(vectors.get(2)));
    }
    if (residual.length > 0 && !order.files().isEmpty()) {
      wanted.put(
          RESIDUAL, (from, values) -> System.arraycopy(values, 0, residual, from, values.length));
    }
    Set<String> kept =
        wanted.isEmpty()
            ? Set.of()
            : patience(specification)
                .with(
                    () ->
                        ReplicaFile.read(
                            hadoop(), order.filesFrom(), replica, order.files(), layout, wanted));

    // A vector that the replica did not keep, before settings were changed, begins at zero.
    boolean hasMoments =
        switch (order.momentsFrom()) {
          case AVERAGE -> true;
          case LOCAL -> holdsMoments || kept.contains(FIRST_MOMENT);
          case RESET -> false;
        };
    if (!hasMoments) {
      vectors.get(1).clear();
      vectors.get(2).clear();
    }
    trainer.resumeAt(hasMoments ? order.momentSteps() : 0);
    return residual;
  }

  private static ReplicaFile.Taker into(FlatVector vector) {
    return (from, values) -> vector.set(from, values, 0, values.length);
  }

  /** Steps that were taken should not be lost because a file cannot be written just now. */
  private static Patience patience(RunSpecification specification) {
    return new Patience(specification.retryTime(), TaskContext.get()::isInterrupted);
  }

  private Iterator<Tuple2<ChunkKey, Contribution>> send(
      RunSpecification specification,
      ReplicaPlan plan,
      ResidentReplica resident,
      float[] residual,
      ReplicaTally tally)
      throws IOException {
    int replica = plan.replica();
    long given = plan.samples().size();
    List<FlatVector> vectors = resident.trainer().vectors();
    Contributions.VectorReader arrived =
        (vector, from, values, at, count) -> vectors.get(vector).copy(from, values, at, count);
    Map<String, Snapshot.Values> keep = new TreeMap<>();
    if (order.momentsTo() == InnerState.LOCAL) {
      keep.put(FIRST_MOMENT, values(vectors.get(1)));
      keep.put(SECOND_MOMENT, values(vectors.get(2)));
    }

    boolean encoded = order.encoding() != Encoding.FLOAT32;
    boolean trained = tally.examples() > 0;
    if (trained && !encoded) {
      return Contributions.of(
          replica,
          start,
          order.moving(),
          arrived,
          tally.examples(),
          tally.receipt(replica, given, keep(specification, replica, resident, keep)));
    }

    List<Tuple2<ChunkKey, Contribution>> sent = new ArrayList<>();
    if (trained) {
      sent.addAll(
          Contributions.encoded(
              replica, start, order.encoding(), residual, arrived, tally.examples()));
    } // otherwise its weight is zero, and it keeps its residual
    if (encoded) {
      keep.put(RESIDUAL, (from, count) -> Arrays.copyOfRange(residual, from, from + count));
    }
    Object receipt = tally.receipt(replica, given, keep(specification, replica, resident, keep));
    sent.add(Contributions.receipt(replica, receipt));
    return sent.iterator();
  }

  private Map<String, StoredFile> keep(
      RunSpecification specification,
      int replica,
      ResidentReplica resident,
      Map<String, Snapshot.Values> vectors)
      throws IOException {
    if (vectors.isEmpty()) {
      return Map.of();
    }
    String attempt = "%s-%d".formatted(order.driver(), TaskContext.get().taskAttemptId());
    Map<String, StoredFile> written =
        patience(specification)
            .with(
                () ->
                    ReplicaFile.write(
                        hadoop(),
                        order.filesTo(),
                        replica,
                        attempt,
                        specification.architecture().layout(),
                        vectors));
    if (order.momentsTo() == InnerState.LOCAL) {
      resident.keptMoments(ReplicaFile.stored(replica, written));
    }
    return written;
  }

  private static Snapshot.Values values(FlatVector vector) {
    return (from, count) -> {
      float[] values = new float[count];
      vector.copy(from, values, 0, count);
      return values;
    };
  }

  private Configuration hadoop() {
    return hadoop.value().value();
  }
}
