package dev.mien.spark.pretrain.sample;

import dev.mien.spark.dataset.clip.ClipLocation;

/**
 * A training sample: a window of a clip.
 *
 * @param start first frame of the window in the clip
 * @param maskSeed from which the window's mask is drawn
 */
public record Sample(String clipId, ClipLocation location, int start, long maskSeed) {}
