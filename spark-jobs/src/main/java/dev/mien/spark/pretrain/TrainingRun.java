package dev.mien.spark.pretrain;

import com.google.gson.Gson;
import dev.mien.model.optim.SgdOptions;
import dev.mien.spark.config.AveragingOptions;
import dev.mien.spark.config.InnerState;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.config.OuterOptimiser;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.exchange.Encoding;
import dev.mien.spark.exchange.StateBroadcast;
import dev.mien.spark.exchange.StateReduce.Reduced;
import dev.mien.spark.pretrain.replica.ReplicaReceipt;
import dev.mien.spark.pretrain.replica.RoundOrder;
import dev.mien.spark.pretrain.replica.Validated;
import dev.mien.spark.progress.Progress;
import dev.mien.spark.run.Manifest.StoredFile;
import dev.mien.spark.run.MetricsLog;
import dev.mien.spark.run.RunOwner;
import dev.mien.spark.run.SupersededException;
import dev.mien.spark.storage.Patience;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Runs the rounds of one run, from a state to its end: train, average, take the outer step, and
 * validate and write checkpoints when due. If anything ends the run early, its last finished round
 * is in a checkpoint, unless the run has diverged.
 */
final class TrainingRun implements AutoCloseable {

  private final JavaSparkContext context;
  private final Plan plan;
  private final Rounds rounds;
  private final RoundSteps steps;
  private final RunCheckpoints checkpoints;
  private final MetricsLog metrics;
  private final RunOwner owner;
  private final TrainingMetrics shown;
  private final TensorBoard board;

  /** Unique to this driver, by which another driver of the same run is recognised. */
  private final String ownName = UUID.randomUUID().toString();

  private final Patience patience;
  private final Termination termination;
  private final Progress progress;
  private final Map<String, Double> figures;
  private RoundState state;

  /** The state's vectors, where replicas can fetch them; null until the run begins. */
  private StateBroadcast broadcast;

  /**
   * A run that goes on from a state.
   *
   * @param ancestry of the state
   */
  TrainingRun(
      JavaSparkContext context,
      MienConfiguration configuration,
      FaceVideoDataset dataset,
      Plan plan,
      RunFolder folder,
      RoundState start,
      Ancestry ancestry) {
    this.context = context;
    this.plan = plan;
    this.patience = new Patience(configuration.checkpoints().retryTime(), this::isToldToEnd);
    this.checkpoints =
        new RunCheckpoints(configuration, dataset, plan, folder, start, ancestry, patience);
    this.metrics = folder.metrics();
    this.owner = () -> patience.write(folder.owner()::require);
    this.board = folder.board();
    this.steps = new RoundSteps(plan, folder.steps());
    this.state = start;
    this.figures = new TreeMap<>(ancestry.figures());
    this.rounds = new Rounds(context, folder.hadoop(), plan);
    this.progress = Progress.start("Pretrain", "steps", start.steps(), plan.steps());
    this.shown = TrainingMetrics.start();
    this.termination = Termination.watch(context.sc()::cancelAllJobs);
  }

  /**
   * Trains to the end.
   *
   * @return the name of the last checkpoint
   * @throws RunStoppedException when a round fails, the process is told to end, or another driver
   *     takes the run over
   */
  String run() throws IOException {
    try {
      trainAll();
      checkpoints.secure(state, figures);
      return checkpoints.last();
    } catch (SupersededException e) {
      throw new RunStoppedException(
          "Stopped in %s. %s"
              .formatted(plan.roundAfter(state.round(), state.steps()), e.getMessage()),
          e);
    }
  }

  private void trainAll() throws IOException {
    try {
      broadcast = StateBroadcast.of(context, state.vectors());
      while (state.steps() < plan.steps()) {
        requireNotTerminated();
        owner.require(); // before its steps are recorded
        validate();
        // After validation, so that a diverged state does not replace a good one.
        checkpoints.reached(state, figures);
        RoundState former = state;
        train();
        patience.write(() -> checkpoints.passed(former));
      }
      validate();
    } catch (RunStoppedException | SupersededException e) {
      throw e;
    } catch (Exception | OutOfMemoryError e) {
      // Spark throws checked exceptions that its Java methods do not declare.
      throw stopped(e);
    }
  }

  /** Optimiser steps of the whole run. */
  long steps() {
    return plan.steps();
  }

  /** The loss over the held-out windows at the last validation. */
  Optional<Double> validationLoss() {
    return Optional.ofNullable(figures.get("validation_loss"));
  }

  @Override
  public void close() {
    StateBroadcast last = broadcast;
    try (termination;
        rounds;
        last;
        board;
        shown;
        checkpoints;
        progress) {
      // closes each, from the last to the first, even if others fail
    }
  }

  /** Trains a round. The new state is set before anything of it is written. */
  private void train() throws IOException {
    long began = System.nanoTime();
    RoundOrder order = order();
    Reduced<ReplicaReceipt> reduced = rounds.train(broadcast, order);
    if (!Double.isFinite(reduced.update())) {
      reduced.average().ifPresent(StateBroadcast::close);
      throw new DivergedException("update of round " + (order.round() + 1), reduced.update());
    }
    String unread = leftOut(order.round() + 1, reduced.receipts());
    if (reduced.state().isEmpty()) {
      // Damage leaves clips out; what leaves out all of them is away, and comes back.
      throw new IOException("none of the round's clips could be read: " + unread);
    }
    Map<String, StoredFile> kept = new TreeMap<>();
    reduced.receipts().forEach(receipt -> kept.putAll(receipt.kept()));
    RoundState next =
        new RoundState(
            state.round() + 1,
            state.steps() + order.localSteps(),
            order.momentStepsAfter(),
            reduced.state().orElseThrow(),
            state.momentum(),
            kept);
    replace(reduced.average().orElseThrow());
    if (hasOuterStep()) {
      next = step(next);
      replace(StateBroadcast.of(context, next.vectors()));
    }
    state = next;

    double seconds = (System.nanoTime() - began) * 1e-9;
    RoundFigures trained = new RoundFigures(plan, next, order, reduced, seconds);
    steps.pace(trained.secondsPerStep());
    figures.put("loss", trained.loss());
    log(trained.line());
    progress.reach(next.steps(), message(trained));
  }

  /** Prints how many clips were left out, and returns why; empty when none were. */
  private static String leftOut(long round, List<ReplicaReceipt> receipts) {
    long clips = receipts.stream().mapToLong(ReplicaReceipt::skipped).sum();
    String reason =
        receipts.stream()
            .map(ReplicaReceipt::leftOut)
            .filter(said -> !said.isEmpty())
            .findFirst()
            .orElse("");
    if (!reason.isEmpty()) {
      System.out.printf(Locale.ROOT, "Round %d left out %d clips: %s%n", round, clips, reason);
    }
    return reason;
  }

  private void replace(StateBroadcast next) {
    StateBroadcast former = broadcast;
    broadcast = next;
    former.close();
  }

  /**
   * What the replicas are told to do. The first, synchronous steps average everything, whatever
   * comes later.
   */
  private RoundOrder order() throws IOException {
    AveragingOptions averaging = plan.averaging();
    InnerState inner = inner(plan);
    boolean synchronous = state.steps() < averaging.synchronousSteps();
    InnerState momentsFrom = state.momentsFrom(inner, synchronous);
    return new RoundOrder(
        state.round(),
        state.steps(),
        momentsFrom == InnerState.RESET ? 0 : state.momentSteps(),
        patience.with(() -> steps.next(state.round(), state.steps())),
        momentsFrom,
        synchronous ? InnerState.AVERAGE : inner,
        synchronous ? Encoding.FLOAT32 : averaging.exchange(),
        checkpoints.folder(state.round()),
        checkpoints.folder(state.round() + 1),
        ownName,
        state.replicas());
  }

  /** What the replicas do with their moments; plain gradient descent has none. */
  static InnerState inner(Plan plan) {
    return plan.run().optimiser() instanceof SgdOptions
        ? InnerState.RESET
        : plan.averaging().innerState();
  }

  /** Whether there is an outer step, which begins when rounds have several steps. */
  private boolean hasOuterStep() {
    AveragingOptions averaging = plan.averaging();
    return averaging.outer() != OuterOptimiser.NONE
        && state.steps() >= averaging.synchronousSteps();
  }

  /** Takes the outer step from the current state towards the replicas' mean. */
  private RoundState step(RoundState arrived) {
    AveragingOptions averaging = plan.averaging();
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
        arrived.momentSteps(),
        outer.vectors(),
        Optional.of(outer.momentum()),
        arrived.replicas());
  }

  /** Validates the state if that is due. */
  private void validate() throws IOException {
    if (plan.validates(state.round(), state.steps())) {
      Validated validated = rounds.validate(broadcast, state.round());
      if (validated.clips() == 0) {
        System.out.println(
            "No validation after round %d: none of its %d clips could be read"
                .formatted(state.round(), plan.validation().size()));
        return;
      }
      double loss = validated.meanLoss();
      if (!Double.isFinite(loss)) {
        throw new DivergedException("validation loss after round " + state.round(), loss);
      }
      figures.put("validation_loss", loss);
      figures.put("validation_round", (double) state.round());
      log(RoundFigures.validation(plan, state, validated));
      int most = plan.run().training().validation().pictures();
      board.show(state.steps(), validated.pictures().stream().limit(most).toList());
    }
  }

  private void log(Map<String, Object> line) throws IOException {
    owner.require();
    patience.write(() -> metrics.add(line));
    shown.show(line);
    board.show(new Gson().toJsonTree(line).getAsJsonObject());
  }

  private boolean isToldToEnd() {
    return termination.requested();
  }

  private void requireNotTerminated() {
    if (isToldToEnd()) {
      throw new IllegalStateException("told to end");
    }
  }

  /** Writes a checkpoint if it is of use, and makes the exception that says why the run stops. */
  private RunStoppedException stopped(Throwable failure) {
    String reason = isToldToEnd() ? "told to end" : FailedRound.reason(failure);
    String round = plan.roundAfter(state.round(), state.steps());
    String message;
    try {
      message = "Stopped in %s, %s: %s".formatted(round, reason, settled(failure));
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      message = "In %s: %s. %s".formatted(round, reason, e.getMessage());
    }
    if (isToldToEnd()) {
      // The process may be gone before a caller could print this.
      System.out.println(message);
    }
    return new RunStoppedException(message, failure);
  }

  /** The checkpoint from which the run can be resumed. */
  private String settled(Throwable failure) {
    if (FailedRound.isDivergence(failure)) {
      checkpoints.diverged(failure);
    }
    if (failure instanceof DivergedException) {
      checkpoints.settle(state);
      return last("there is no checkpoint", "the last checkpoint is %s");
    }
    settleMetrics(failure);
    checkpoints.secure(state, figures);
    return last("no round was finished", "checkpoint %s has all that was finished");
  }

  /**
   * Writes the buffered metrics: a run that is resumed after this round does not compute them
   * again.
   */
  private void settleMetrics(Throwable failure) {
    try {
      owner.require();
      metrics.settle();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private String last(String none, String some) {
    String name = checkpoints.last();
    return name.isEmpty() ? none : some.formatted(name) + " (go on with --resume)";
  }

  private String message(RoundFigures trained) {
    String validation =
        validationLoss()
            .map(
                loss ->
                    String.format(
                        Locale.ROOT,
                        "validation %.4f (round %.0f), ",
                        loss,
                        figures.get("validation_round")))
            .orElse("");
    return String.format(
        Locale.ROOT,
        "round %d, loss %.4f, %s%.1f clips/s",
        trained.state().round(),
        trained.loss(),
        validation,
        trained.clipsPerSecond());
  }
}
