package dev.mien.spark.config;

import java.time.Duration;

/**
 * When checkpoints are written and which stay.
 *
 * @param every rounds between two
 * @param interval time after which one is written although the rounds are not over; zero = none
 * @param kept newest that stay
 * @param keptEvery rounds of which a checkpoint stays for good; 0 = none
 * @param retryTime how long the driver tries again what the run's file system refuses
 */
public record CheckpointOptions(
    int every, Duration interval, int kept, int keptEvery, Duration retryTime) {}
