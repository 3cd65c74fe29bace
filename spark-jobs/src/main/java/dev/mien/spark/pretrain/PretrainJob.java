package dev.mien.spark.pretrain;

import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.config.TrainingOptions;
import dev.mien.spark.dataset.ClipIndex;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.exchange.StateBroadcast;
import dev.mien.spark.exchange.StateReduce.Reduced;
import dev.mien.spark.progress.Progress;
import dev.mien.spark.run.Checkpoint;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.CodeVersion;
import dev.mien.spark.run.Manifest;
import dev.mien.spark.run.MetricsLog;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Trains in rounds: the driver broadcasts a state, each replica takes its local steps from it, and
 * the example-weighted average of where they arrive is the next state.
 */
public final class PretrainJob {

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final Configuration hadoop;
  private final MienConfiguration configuration;

  public PretrainJob(SparkSession spark, MienConfiguration configuration) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.hadoop = spark.sessionState().newHadoopConf();
    this.configuration = configuration;
  }

  /**
   * Trains from the start.
   *
   * @throws IllegalArgumentException when the run's folder holds checkpoints already
   */
  public void start(String datasetUri, String runUri) throws IOException {
    Checkpoints checkpoints = new Checkpoints(hadoop, runUri);
    if (!checkpoints.names().isEmpty()) {
      throw new IllegalArgumentException(
          "Run " + runUri + " has checkpoints (go on with --resume, or name another --run)");
    }

    TrainingState initial =
        TrainingState.initial(configuration.model(), configuration.training().seed());
    train(FaceVideoDataset.open(spark, datasetUri), runUri, checkpoints, 0, initial, "");
  }

  /**
   * Goes on from the newest whole checkpoint, on the dataset version that it was trained on; from
   * the start when there is none.
   *
   * @throws IllegalArgumentException when the settings are not those of the run
   */
  public void resume(String datasetUri, String runUri) throws IOException {
    Checkpoints checkpoints = new Checkpoints(hadoop, runUri);
    Optional<Checkpoint> newest = checkpoints.newest(System.out::println);
    if (newest.isEmpty()) {
      System.out.println("No checkpoint in " + runUri + ": starting anew");
      start(datasetUri, runUri);
      return;
    }

    Manifest manifest = newest.get().manifest();
    List<String> differences = configuration.differences(manifest.configuration());
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot resume "
              + runUri
              + " with other settings:\n  "
              + String.join("\n  ", differences));
    }

    System.out.println("Resuming after round " + manifest.round());
    train(
        FaceVideoDataset.open(spark, datasetUri, manifest.datasetVersion()),
        runUri,
        checkpoints,
        manifest.round(),
        newest.get().state(),
        Checkpoints.name(manifest.round()));
  }

  private void train(
      FaceVideoDataset dataset,
      String runUri,
      Checkpoints checkpoints,
      long finished,
      TrainingState start,
      String startName)
      throws IOException {
    Plan plan = Plan.of(configuration, ClipIndex.read(spark, dataset));
    describe(plan, dataset);
    TrainingOptions training = configuration.training();
    MetricsLog metrics = MetricsLog.resume(hadoop, runUri, finished);
    Map<String, Double> figures = new TreeMap<>();
    TrainingState state = start;
    String parent = startName;

    try (Rounds rounds = new Rounds(context, hadoop, plan);
        Progress progress = Progress.start("Pretrain", "rounds", plan.rounds())) {
      for (long round = finished; round < plan.rounds(); round++) {
        try (StateBroadcast broadcast = StateBroadcast.of(context, state)) {
          if (round % training.validateEvery() == 0) {
            validate(plan, rounds, broadcast, round, metrics, figures);
          }

          long began = System.nanoTime();
          Reduced<ReplicaReceipt> reduced = rounds.train(broadcast, state.steps(), round);
          Map<String, Object> line =
              RoundFigures.round(
                  plan, round + 1, reduced.receipts(), (System.nanoTime() - began) * 1e-9);
          state = reduced.state();
          metrics.add(line);
          figures.put("loss", (double) line.get("loss"));
          progress.reach(round + 1, message(line, figures));
        }

        if ((round + 1) % training.checkpointEvery() == 0 || round + 1 == plan.rounds()) {
          parent = checkpoints.write(manifest(dataset, round + 1, state, parent, figures), state);
          checkpoints.keepNewest(training.checkpointsKept());
        }
      }

      try (StateBroadcast broadcast = StateBroadcast.of(context, state)) {
        validate(plan, rounds, broadcast, plan.rounds(), metrics, figures);
      }
    }

    System.out.printf(
        Locale.ROOT,
        "Trained %d rounds: validation loss %s, checkpoint %s in %s%n",
        plan.rounds(),
        figures.get("validation_loss"),
        parent,
        runUri);
  }

  private static void validate(
      Plan plan,
      Rounds rounds,
      StateBroadcast state,
      long round,
      MetricsLog metrics,
      Map<String, Double> figures)
      throws IOException {
    if (!plan.validation().isEmpty()) {
      double loss = rounds.validate(state, round);
      metrics.add(RoundFigures.validation(plan, round, loss));
      figures.put("validation_loss", loss);
    }
  }

  private Manifest manifest(
      FaceVideoDataset dataset,
      long round,
      TrainingState state,
      String parent,
      Map<String, Double> figures) {
    return new Manifest(
        Manifest.FORMAT,
        round,
        state.steps(),
        CodeVersion.current(),
        dataset.uri(),
        dataset.version().videos(),
        configuration.training().seed(),
        configuration.source(),
        parent,
        Map.copyOf(figures),
        Map.of());
  }

  private static void describe(Plan plan, FaceVideoDataset dataset) {
    TrainingOptions training = plan.run().training();
    System.out.printf(
        Locale.ROOT,
        "Dataset %s version %s: %d clips to train on, %d held out by %s, %d too short%n",
        dataset.uri(),
        dataset.version(),
        plan.holdout().training().size(),
        plan.holdout().validation().size(),
        plan.holdout().unit(),
        plan.tooShort());
    System.out.printf(
        Locale.ROOT,
        "%d parameters, %d rounds of %d replicas × %d steps × %d clips%n",
        plan.run().architecture().layout().size(),
        plan.rounds(),
        training.replicas(),
        training.localSteps(),
        training.batchSize());
  }

  private static String message(Map<String, Object> line, Map<String, Double> figures) {
    return String.format(
        Locale.ROOT,
        "loss %.4f, validation %.4f, %.1f clips/s",
        (double) line.get("loss"),
        figures.getOrDefault("validation_loss", Double.NaN),
        (double) line.get("clips_per_second"));
  }
}
