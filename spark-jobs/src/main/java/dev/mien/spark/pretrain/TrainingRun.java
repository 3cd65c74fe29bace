package dev.mien.spark.pretrain;

import dev.mien.model.optim.SgdOptions;
import dev.mien.spark.config.AveragingOptions;
import dev.mien.spark.config.InnerState;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.config.OuterOptimiser;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.exchange.Encoding;
import dev.mien.spark.exchange.StateBroadcast;
import dev.mien.spark.exchange.StateReduce.Reduced;
import dev.mien.spark.progress.Progress;
import dev.mien.spark.run.CheckpointWriter;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.CodeVersion;
import dev.mien.spark.run.Manifest;
import dev.mien.spark.run.Manifest.StoredFile;
import dev.mien.spark.run.MetricsLog;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The rounds of one run, from a state to its end: broadcast, train, average, step, and a checkpoint
 * when one is due. Whatever ends it early, the last finished round is in a checkpoint.
 */
final class TrainingRun implements AutoCloseable {

  private final JavaSparkContext context;
  private final MienConfiguration configuration;
  private final FaceVideoDataset dataset;
  private final Plan plan;
  private final Rounds rounds;
  private final RoundSteps steps;
  private final Checkpoints checkpoints;
  private final CheckpointWriter writer;
  private final MetricsLog metrics;
  private final Termination termination;
  private final Progress progress;
  private final Map<String, Double> figures = new TreeMap<>();
  private RoundState state;
  private long written;
  private String parent;

  /**
   * A run that goes on from a state.
   *
   * @param parent name of the checkpoint that the state is of, or empty
   */
  TrainingRun(
      JavaSparkContext context,
      MienConfiguration configuration,
      FaceVideoDataset dataset,
      Plan plan,
      RunFolder folder,
      RoundState start,
      String parent) {
    this.context = context;
    this.configuration = configuration;
    this.dataset = dataset;
    this.plan = plan;
    this.checkpoints = folder.checkpoints();
    this.metrics = folder.metrics();
    this.steps = new RoundSteps(plan, folder.steps());
    this.state = start;
    this.written = start.round();
    this.parent = parent;
    this.rounds = new Rounds(context, folder.hadoop(), plan);
    this.writer = new CheckpointWriter(checkpoints, configuration.checkpoints());
    this.progress = Progress.start("Pretrain", "steps", plan.steps());
    this.termination = Termination.watch(context.sc()::cancelAllJobs);
  }

  /**
   * Trains to the end.
   *
   * @return the name of the last checkpoint
   * @throws RunStoppedException when a round fails or the process is told to end
   */
  String run() throws IOException {
    while (state.steps() < plan.steps()) {
      RoundState next;
      try (StateBroadcast broadcast = StateBroadcast.of(context, state.vectors())) {
        requireNotTerminated(null);
        if (state.round() % plan.run().training().validateEvery() == 0) {
          validate(broadcast);
        }
        next = train(broadcast);
      } catch (RuntimeException e) {
        throw stopped(e);
      }

      advance(next);
      if (writer.due(state.round()) || state.steps() == plan.steps()) {
        write();
      } else {
        writer.check();
      }
    }

    try (StateBroadcast broadcast = StateBroadcast.of(context, state.vectors())) {
      validate(broadcast);
    } catch (RuntimeException e) {
      throw stopped(e);
    }
    writer.await();
    return parent;
  }

  /** The loss over the held-out windows when they were last looked at. */
  Optional<Double> validationLoss() {
    return Optional.ofNullable(figures.get("validation_loss"));
  }

  @Override
  public void close() {
    progress.close();
    writer.close();
    rounds.close();
    termination.close();
  }

  private RoundState train(StateBroadcast broadcast) throws IOException {
    long began = System.nanoTime();
    RoundOrder order = order();
    Reduced<ReplicaReceipt> reduced = rounds.train(broadcast, order);
    List<StoredFile> kept =
        reduced.receipts().stream().flatMap(receipt -> receipt.kept().stream()).toList();
    RoundState next =
        new RoundState(
            state.round() + 1,
            state.steps() + order.localSteps(),
            reduced.state(),
            state.momentum(),
            kept);
    next = step(next);

    double seconds = (System.nanoTime() - began) * 1e-9;
    Map<String, Object> line = RoundFigures.round(plan, next, order, reduced, seconds);
    steps.pace(RoundFigures.slowest(reduced.receipts()) / order.localSteps());
    metrics.add(line);
    figures.put("loss", (double) line.get("loss"));
    progress.reach(next.steps(), message(line));
    return next;
  }

  /** What the replicas are told; the first steps average everything whatever comes later. */
  private RoundOrder order() throws IOException {
    AveragingOptions averaging = plan.run().averaging();
    InnerState inner = inner(plan);
    boolean synchronous = state.steps() < averaging.synchronousSteps();
    return new RoundOrder(
        state.round(),
        state.steps(),
        steps.next(state.round(), state.steps()),
        state.arriving(inner),
        synchronous ? InnerState.AVERAGE : inner,
        synchronous ? Encoding.FLOAT32 : averaging.exchange(),
        checkpoints.folder(state.round()),
        checkpoints.folder(state.round() + 1),
        state.replicas());
  }

  /** What becomes of moments; plain descent has none. */
  static InnerState inner(Plan plan) {
    return plan.run().optimiser() instanceof SgdOptions
        ? InnerState.RESET
        : plan.run().averaging().innerState();
  }

  /** The outer step from the state to where the round arrived, once rounds are of several steps. */
  private RoundState step(RoundState arrived) {
    AveragingOptions averaging = plan.run().averaging();
    if (averaging.outer() == OuterOptimiser.NONE || state.steps() < averaging.synchronousSteps()) {
      return arrived;
    }
    OuterStep outer =
        OuterStep.nesterov(
            state.vectors(),
            arrived.vectors(),
            state.momentum(),
            averaging.outerLearningRate(plan.run().training().replicas()),
            averaging.outerMomentum());
    return new RoundState(
        arrived.round(),
        arrived.steps(),
        outer.vectors(),
        Optional.of(outer.momentum()),
        arrived.replicas());
  }

  private void validate(StateBroadcast broadcast) throws IOException {
    if (!plan.validation().isEmpty()) {
      double loss = rounds.validate(broadcast, state.round());
      metrics.add(RoundFigures.validation(plan, state, loss));
      figures.put("validation_loss", loss);
    }
  }

  private void advance(RoundState next) throws IOException {
    if (!state.replicas().isEmpty() && state.round() != written) {
      checkpoints.discard(state.round());
    }
    state = next;
  }

  private void write() throws IOException {
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT,
            state.round(),
            state.steps(),
            CodeVersion.current(),
            dataset.uri(),
            dataset.version().videos(),
            configuration.training().seed(),
            configuration.source(),
            parent,
            Map.copyOf(figures),
            Map.of());
    writer.write(manifest, state.snapshot(plan.run().architecture().layout()));
    written = state.round();
    parent = Checkpoints.name(state.round());
  }

  private void requireNotTerminated(RuntimeException cause) {
    if (termination.requested()) {
      throw new RunStoppedException("told to end", cause);
    }
  }

  /** Writes where the run stands, and says why it goes no further. */
  private RunStoppedException stopped(RuntimeException failure) throws IOException {
    if (state.round() != written) {
      write();
    }
    writer.await();
    String reason = termination.requested() ? "told to end" : FailedRound.reason(failure);
    String rest =
        parent.isEmpty()
            ? "no round was finished"
            : "checkpoint %s has all that was finished (go on with --resume)".formatted(parent);
    return new RunStoppedException(
        "Stopped in round %d of %d, %s: %s"
            .formatted(state.round() + 1, plan.rounds(), reason, rest),
        failure);
  }

  private String message(Map<String, Object> line) {
    return String.format(
        Locale.ROOT,
        "round %d, loss %.4f, validation %.4f, %.1f clips/s",
        (long) line.get("round"),
        (double) line.get("loss"),
        figures.getOrDefault("validation_loss", Double.NaN),
        (double) line.get("clips_per_second"));
  }
}
