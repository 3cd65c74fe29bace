package dev.mien.spark.pretrain;

import dev.mien.model.optim.LearningRateSchedule;
import dev.mien.spark.config.AveragingOptions;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.config.TrainingOptions;
import dev.mien.spark.dataset.EvenChoice;
import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.dataset.clip.ClipWindow;
import dev.mien.spark.pretrain.replica.RunSpecification;
import dev.mien.spark.pretrain.sample.Holdout;
import dev.mien.spark.pretrain.sample.Sample;
import dev.mien.spark.pretrain.sample.SampleOrder;
import dev.mien.spark.pretrain.sample.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * All that a run will do, determined by the configuration and the index of a dataset version alone.
 *
 * @param steps optimiser steps of the whole run
 * @param order of the training samples
 * @param validation the held-out windows, the same ones every time
 * @param data how many clips, tracks and people the run is trained and validated on; no names
 */
record Plan(
    RunSpecification run,
    AveragingOptions averaging,
    long steps,
    SampleOrder order,
    List<Sample> validation,
    Holdout holdout,
    Map<String, Long> data) {

  /**
   * Plans a run.
   *
   * @throws IllegalArgumentException when no clip is left to train on, saying why
   */
  static Plan of(MienConfiguration configuration, ClipIndex index) {
    TrainingOptions training = configuration.training();
    int span = ClipWindow.span(configuration.model().frames(), training.stride());
    Holdout holdout = Holdout.of(index.clips(), configuration);
    if (holdout.training().isEmpty()) {
      throw new IllegalArgumentException(
          ("No clips to train on: of %d, %d have fewer than the %d frames of a window and %d are of"
                  + " the test split (preprocess more video of other splits, or lower"
                  + " training.stride)")
              .formatted(index.clips().size(), holdout.tooShort(), span, holdout.ofTestSplit()));
    }

    SampleOrder order =
        new SampleOrder(
            holdout.training(),
            training.seed(),
            span,
            training.reading().windowsPerClip(),
            training.reading().shuffleRowGroups());
    long samples = (long) order.epochSize() * training.epochs();
    long steps = (samples + training.totalBatch() - 1) / training.totalBatch();
    long warmup =
        Math.min(
            steps, (long) order.epochSize() * configuration.warmupEpochs() / training.totalBatch());
    LearningRateSchedule schedule =
        LearningRateSchedule.of(configuration.optimiser(), training.totalBatch(), warmup, steps);
    RunSpecification run =
        new RunSpecification(
            configuration.model(),
            configuration.objective(),
            configuration.optimiser(),
            switch (configuration.rateChange()) {
              case EVERY_STEP -> schedule;
              case EVERY_EPOCH ->
                  schedule.every((double) order.epochSize() / training.totalBatch());
            },
            training,
            configuration.checkpoints().retryTime());
    return new Plan(
        run,
        configuration.averaging(),
        steps,
        order,
        validation(holdout.validation(), span, training),
        holdout,
        data(holdout));
  }

  /**
   * Whether the run validates when so many rounds and steps are finished: every few rounds, and at
   * its end.
   */
  boolean validates(long finishedRounds, long finishedSteps) {
    boolean due =
        finishedRounds % run.training().validation().every() == 0 || finishedSteps >= steps;
    return due && !validation.isEmpty();
  }

  /**
   * Rounds of the whole run. Where rounds last for a time, the number that there would be by step
   * count.
   */
  long rounds() {
    return rounds(0, 0);
  }

  /** Describes the round that begins when so many rounds and steps are finished. */
  String roundAfter(long rounds, long finishedSteps) {
    return place(rounds + 1, rounds, finishedSteps);
  }

  /** Describes the round that ended when so many rounds and steps were finished. */
  String lastRound(long rounds, long finishedSteps) {
    return place(rounds, rounds, finishedSteps);
  }

  private String place(long number, long rounds, long finishedSteps) {
    return averaging.roundTime().isZero()
        ? "round %d of %d".formatted(number, rounds(rounds, finishedSteps))
        : "round %d (step %d of %d)".formatted(number, finishedSteps, steps);
  }

  /**
   * The rounds finished, which may have had other lengths, plus those that the remaining steps will
   * take.
   */
  private long rounds(long finished, long finishedSteps) {
    long left = steps - finishedSteps;
    long synchronous = Math.max(0, Math.min(left, averaging.synchronousSteps() - finishedSteps));
    long localSteps = run.training().localSteps();
    return finished + synchronous + (left - synchronous + localSteps - 1) / localSteps;
  }

  /**
   * The middle window of each held-out clip; when there are too many clips, of evenly chosen ones.
   */
  private static List<Sample> validation(
      List<ClipEntry> clips, int span, TrainingOptions training) {
    return EvenChoice.of(clips, training.validation().clips()).stream()
        .map(
            clip ->
                new Sample(
                    clip.clipId(),
                    clip.location(),
                    (clip.frames() - span) / 2,
                    Seeds.derive(training.seed(), "validation mask", clip.clipId())))
        .toList();
  }

  private static Map<String, Long> data(Holdout holdout) {
    List<ClipEntry> clips = new ArrayList<>(holdout.training());
    clips.addAll(holdout.validation());
    return Map.of(
        "people", distinct(clips, ClipEntry::personId),
        "videos", distinct(clips, ClipEntry::videoId),
        "tracks", distinct(clips, ClipEntry::trackId),
        "clips trained on", (long) holdout.training().size(),
        "clips held out", (long) holdout.validation().size());
  }

  private static long distinct(List<ClipEntry> clips, Function<ClipEntry, String> of) {
    return clips.stream().map(of).filter(Objects::nonNull).distinct().count();
  }
}
