package dev.mien.spark.config;

import java.time.Duration;

/**
 * Limits on decoding a video, beyond which the process that decodes it is killed.
 *
 * @param stallLimit time without a frame or a clip
 * @param videoLimit time for the whole video
 * @param memoryLimit resident bytes of the process
 */
public record IsolationOptions(Duration stallLimit, Duration videoLimit, long memoryLimit) {}
