package dev.mien.spark.config;

/**
 * Judging a frozen encoder.
 *
 * @param clips looked at in each part, to fit and held out, at most
 * @param windowStep frames from one window of a clip to the next
 * @param resamples bootstrap samples of the held-out people, or of tracks or clips where that is
 *     one
 * @param seed of the bootstrap
 */
public record EvaluationOptions(int clips, int windowStep, int resamples, long seed) {}
