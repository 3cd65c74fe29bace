package dev.mien.spark.pretrain;

import dev.mien.spark.config.TrainingOptions;
import dev.mien.spark.exchange.StateBroadcast;
import dev.mien.spark.exchange.StateReduce;
import dev.mien.spark.exchange.StateReduce.Reduced;
import dev.mien.spark.pretrain.replica.ReplicaPlan;
import dev.mien.spark.pretrain.replica.ReplicaReceipt;
import dev.mien.spark.pretrain.replica.RoundOrder;
import dev.mien.spark.pretrain.replica.RunSpecification;
import dev.mien.spark.pretrain.replica.TrainReplica;
import dev.mien.spark.pretrain.replica.ValidateShare;
import dev.mien.spark.pretrain.replica.Validated;
import dev.mien.spark.pretrain.sample.Sample;
import dev.mien.spark.pretrain.sample.Shares;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag$;

/**
 * Runs the Spark jobs of a run: the training of a round, and validation, with one task per replica.
 */
final class Rounds implements AutoCloseable {

  private final JavaSparkContext context;
  private final Plan plan;
  private final Broadcast<RunSpecification> run;
  private final Broadcast<SerializableConfiguration> hadoop;

  /** Where each replica worked last, and has read ahead for its next round, in Spark's notation. */
  private List<String> places = List.of();

  /** The next round's samples, which its replicas read ahead for, so that they are drawn once. */
  private Drawn ahead = new Drawn(0, 0, List.of());

  private record Drawn(long firstStep, long steps, List<List<Sample>> blocks) {}

  Rounds(JavaSparkContext context, Configuration hadoop, Plan plan) {
    this.context = context;
    this.plan = plan;
    this.run = context.broadcast(plan.run());
    this.hadoop = context.broadcast(new SerializableConfiguration(hadoop));
  }

  /** Trains every replica on its share of the round's samples and averages them. */
  Reduced<ReplicaReceipt> train(StateBroadcast state, RoundOrder order) {
    TrainingOptions training = plan.run().training();
    int replicas = training.replicas();
    long end = order.steps() + order.localSteps();
    Drawn drawn = samples(order.steps(), order.localSteps());
    ahead = samples(end, Math.min(order.localSteps(), plan.steps() - end));
    List<ReplicaPlan> plans =
        ReplicaPlan.of(
            Shares.deal(drawn.blocks(), replicas, order.round()),
            Shares.deal(ahead.blocks(), replicas, order.round() + 1),
            training.reading().shuffleRowGroups());

    context.setJobDescription(
        "%s: %d replicas × %d steps"
            .formatted(
                plan.roundAfter(order.round(), order.steps()), replicas, order.localSteps()));
    Reduced<ReplicaReceipt> reduced =
        StateReduce.reduce(
            inPlace(plans).flatMapToPair(new TrainReplica(run, hadoop, state, order)),
            state,
            order.moving(),
            ReplicaReceipt.class);
    places =
        reduced.receipts().stream()
            .map(receipt -> "executor_%s_%s".formatted(receipt.host(), receipt.executor()))
            .toList();
    return reduced;
  }

  /**
   * One task per plan, preferably where its replica worked last; the result is the same anywhere.
   */
  private JavaRDD<ReplicaPlan> inPlace(List<ReplicaPlan> plans) {
    var located =
        plans.stream()
            .map(
                plan -> {
                  List<String> place = places.stream().skip(plan.replica()).limit(1).toList();
                  return new Tuple2<>(
                      plan, JavaConverters.asScalaBufferConverter(place).asScala().toSeq());
                })
            .toList();
    return context
        .sc()
        .makeRDD(
            JavaConverters.asScalaBufferConverter(located).asScala().toSeq(),
            ClassTag$.MODULE$.apply(ReplicaPlan.class))
        .toJavaRDD();
  }

  /** Computes the loss over the held-out windows. */
  Validated validate(StateBroadcast state, long round) {
    int replicas = Math.min(plan.run().training().replicas(), plan.validation().size());
    int shown = (plan.run().training().validation().pictures() + replicas - 1) / replicas;

    List<List<Sample>> shares = Shares.deal(List.of(plan.validation()), replicas, 0);
    List<List<Sample>> none = Shares.deal(List.of(), replicas, 0);

    context.setJobDescription(
        "Validate after round %d: %d clips".formatted(round, plan.validation().size()));
    return context
        .parallelize(ReplicaPlan.of(shares, none, 0), replicas)
        .map(new ValidateShare(run, hadoop, state, shown))
        .collect()
        .stream()
        .reduce(new Validated(0, 0, List.of()), Validated::and);
  }

  private Drawn samples(long firstStep, long steps) {
    if (ahead.firstStep() == firstStep && ahead.steps() == steps) {
      return ahead;
    }
    int batch = plan.run().training().totalBatch();
    return new Drawn(
        firstStep, steps, plan.order().blocks(firstStep * batch, Math.toIntExact(steps * batch)));
  }

  @Override
  public void close() {
    run.destroy();
    hadoop.destroy();
  }
}
