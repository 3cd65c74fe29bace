package dev.mien.spark.config;

/**
 * How a frozen encoder is evaluated.
 *
 * @param clips used in each part, for fitting and held out, at most
 * @param windowStep frames from one window of a clip to the next
 * @param resamples bootstrap samples of the held-out people; of tracks, or of clips, where there is
 *     only one person or track
 * @param seed of the bootstrap
 */
public record EvaluationOptions(int clips, int windowStep, int resamples, long seed) {}
