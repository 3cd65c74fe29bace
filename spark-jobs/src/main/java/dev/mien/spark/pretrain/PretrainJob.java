package dev.mien.spark.pretrain;

import dev.mien.model.marlin.MarlinStateDict;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.InnerState;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.config.TrainingOptions;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.pretrain.RunFolder.Opening;
import dev.mien.spark.redundancy.Subset;
import dev.mien.spark.resident.TaskDevice;
import dev.mien.spark.run.Checkpoint;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Divergence;
import dev.mien.spark.run.InitialWeights;
import dev.mien.spark.run.ModelFolder;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
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
  private final Optional<String> weightsUri;

  public PretrainJob(SparkSession spark, MienConfiguration configuration) {
    this(spark, configuration, Optional.empty());
  }

  private PretrainJob(
      SparkSession spark, MienConfiguration configuration, Optional<String> weightsUri) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.hadoop = spark.sessionState().newHadoopConf();
    this.configuration = configuration;
    this.weightsUri = weightsUri;
  }

  /**
   * This job, with a run that begins with given weights. Parameters that the weights lack are drawn
   * from the seed, which is said. A run that has checkpoints ignores them.
   *
   * @param uri a run, a checkpoint, an export of safetensors, or a file of safetensors or PyTorch's
   */
  public PretrainJob beginningWith(String uri) {
    return new PretrainJob(spark, configuration, Optional.of(uri));
  }

  /**
   * Trains from the start.
   *
   * @throws IllegalArgumentException when the run's folder holds checkpoints or a model already,
   *     the weights are refused or of another network, or Spark gives tasks no GPU although the
   *     configuration asks for one
   * @throws IllegalStateException when another run trains in the same Spark application
   */
  public void start(String datasetUri, String runUri) throws IOException {
    requireReady();
    if (!new Checkpoints(hadoop, runUri).names().isEmpty()) {
      throw new IllegalArgumentException(
          "Run " + runUri + " has checkpoints (go on with --resume, or name another --run)");
    }
    train(newRun(datasetUri, runUri, Opening.BEGIN), runUri);
  }

  private TrainingRun newRun(String datasetUri, String runUri, Opening opening) throws IOException {
    ModelFolder.requireForRun(hadoop, runUri);
    TrainingState initial;
    String origin = "";
    if (weightsUri.isPresent()) {
      InitialWeights weights = InitialWeights.read(hadoop, weightsUri.get());
      MarlinStateDict.Loaded loaded = weights.load(configuration);
      System.out.print(weights.text(loaded));
      ParameterLayout layout = loaded.parameters().layout();
      initial =
          new TrainingState(
              0, loaded.parameters(), ParameterVector.zeros(layout), ParameterVector.zeros(layout));
      origin = weights.origin();
    } else {
      initial = TrainingState.initial(configuration.model(), configuration.training().seed());
    }
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, datasetUri);
    return open(
        dataset,
        Subset.index(spark, dataset, configuration.training().subset()),
        runUri,
        opening,
        plan -> atStart(plan, initial),
        Ancestry.begin(origin));
  }

  /**
   * Resumes from the newest whole checkpoint, on the dataset version that it was trained on. A run
   * without a checkpoint starts from the beginning, by the steps that were recorded.
   *
   * @param allowed keys that may differ from the run's, see {@link AllowedChanges} and {@link
   *     FormerRun}
   * @throws IllegalArgumentException when settings or the dataset differ and may not, the run has
   *     diverged with the same settings, or Spark gives tasks no GPU although the configuration
   *     asks for one
   * @throws IllegalStateException as {@link #start} does, or when another driver went on with the
   *     run meanwhile
   * @throws IOException when there are checkpoints and none is whole, or one cannot be read just
   *     now
   */
  public void resume(String datasetUri, String runUri, Set<String> allowed) throws IOException {
    requireReady();
    train(formerRun(datasetUri, runUri, allowed), runUri);
  }

  private void requireReady() {
    TaskDevice.requireGiven(
        context.getConf(), "training.device", configuration.training().device());
    TrainingMetrics.requireNone();
  }

  private TrainingRun formerRun(String datasetUri, String runUri, Set<String> allowed)
      throws IOException {
    Checkpoints checkpoints = new Checkpoints(hadoop, runUri);
    List<String> found = checkpoints.names();
    var changes = new AllowedChanges(spark, configuration, runUri, datasetUri, allowed);
    Optional<Checkpoint> newest = checkpoints.newest(changes::require, System.out::println);
    if (newest.isEmpty()) {
      requireNoneDamaged(checkpoints, runUri);
      System.out.println("No checkpoint in " + runUri + ": starting anew");
      return newRun(datasetUri, runUri, Opening.GO_ON);
    }

    FormerRun former = new FormerRun(spark, configuration, newest.get(), allowed);
    FormerRun.Source source = former.source(datasetUri);
    System.out.println("Resuming after round " + newest.get().manifest().round());
    return open(
        source.dataset(),
        source.clips(),
        runUri,
        Opening.GO_ON,
        plan -> former.state(),
        former.ancestry(found, source.dataset().version()));
  }

  private static void requireNoneDamaged(Checkpoints checkpoints, String runUri)
      throws IOException {
    List<String> damaged = checkpoints.names();
    if (!damaged.isEmpty()) {
      throw new IOException(
          ("None of the %d checkpoints of %s is whole (delete them to start anew, or begin another"
                  + " --run)")
              .formatted(damaged.size(), runUri));
    }
  }

  private TrainingRun open(
      FaceVideoDataset dataset,
      ClipIndex clips,
      String runUri,
      Opening opening,
      Function<Plan, RoundState> beginning,
      Ancestry ancestry)
      throws IOException {
    if (opening == Opening.GO_ON) {
      Divergence.requireNone(
          hadoop, runUri, dataset.uri(), dataset.version().videos(), configuration);
    }
    Plan plan = Plan.of(configuration, clips);
    describe(plan, dataset);
    RoundState start = beginning.apply(plan);
    if (start.steps() > plan.steps()) {
      throw new IllegalArgumentException(
          "Nothing is left to train: %d steps are done, of %d (raise training.epochs)"
              .formatted(start.steps(), plan.steps()));
    }
    tellOfHeap(plan, start);
    if (start.steps() == 0) { // with other numbers of threads, sums are formed in another order
      ReplicaCores.of(context.sc(), plan.run().training()).idle().ifPresent(System.out::println);
    }
    RunFolder folder = RunFolder.open(hadoop, runUri, driver(), plan, start, ancestry, opening);
    return new TrainingRun(context, configuration, dataset, plan, folder, start, ancestry);
  }

  private void tellOfHeap(Plan plan, RoundState start) {
    if (!context.isLocal()) {
      long values = (long) start.vectors().vectors() * plan.run().architecture().layout().size();
      ExecutorHeap.of(context.getConf(), values * Float.BYTES, plan.run().training())
          .shortage()
          .ifPresent(System.out::println);
    }
  }

  /**
   * The driver's name by the address that Spark uses: the machine's own host name need not resolve.
   */
  private String driver() {
    return "%s on %s"
        .formatted(context.sc().applicationId(), context.getConf().get("spark.driver.host"));
  }

  /**
   * Trains in a method of its own, so that nothing the run began with stays referenced to its end.
   */
  private static void train(TrainingRun ready, String runUri) throws IOException {
    String checkpoint;
    try (TrainingRun run = ready) {
      checkpoint = run.run();
    } // closes the progress bar, too, which would be drawn over the next line
    System.out.printf(
        Locale.ROOT,
        "Trained %d steps: validation loss %s, checkpoint %s in %s%n",
        ready.steps(),
        ready.validationLoss().map(String::valueOf).orElse("none"),
        checkpoint,
        runUri);
  }

  private RoundState atStart(Plan plan, TrainingState state) {
    InnerState first =
        plan.averaging().synchronousSteps() > 0 ? InnerState.AVERAGE : TrainingRun.inner(plan);
    return RoundState.initial(state, first, configuration.training().replicas());
  }

  private static void describe(Plan plan, FaceVideoDataset dataset) {
    TrainingOptions training = plan.run().training();
    System.out.printf(
        Locale.ROOT,
        "Dataset %s version %s%s: %d clips to train on, %d held out by %s, %d too short, %d of the"
            + " test split%n",
        dataset.uri(),
        dataset.version(),
        training.subset().isEmpty() ? "" : ", subset " + training.subset(),
        plan.holdout().training().size(),
        plan.holdout().validation().size(),
        plan.holdout().unit().label(),
        plan.holdout().tooShort(),
        plan.holdout().ofTestSplit());
    if (plan.run().schedule().warmupSteps() >= plan.steps()) {
      System.out.println(
          "The learning rate only rises, to its peak in the last step (optimiser.warmup-epochs is not"
              + " less than training.epochs)");
    }
    System.out.printf(
        Locale.ROOT,
        "%d parameters, %d steps in about %d rounds of %d replicas × %d steps × %d clips%n",
        plan.run().architecture().layout().size(),
        plan.steps(),
        plan.rounds(),
        training.replicas(),
        training.localSteps(),
        training.batchSize());
  }
}
