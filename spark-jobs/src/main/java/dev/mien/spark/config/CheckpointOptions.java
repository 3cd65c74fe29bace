package dev.mien.spark.config;

import java.time.Duration;

/**
 * When checkpoints are written and which are kept.
 *
 * @param every how many rounds one is written
 * @param interval after which one is written between these rounds; zero means none
 * @param kept how many of the newest are kept
 * @param keptEvery of each so many rounds one checkpoint is kept for good; 0 means none
 * @param retryTime how long to try again when the run's file system refuses
 */
public record CheckpointOptions(
    int every, Duration interval, int kept, int keptEvery, Duration retryTime) {}
