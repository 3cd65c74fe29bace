package dev.mien.spark.pretrain.sample;

import dev.mien.spark.dataset.clip.ClipLocation;

/**
 * A training sample: a window of a clip.
 *
 * @param start index of the window's first frame in the clip
 * @param maskSeed seed of the window's mask
 */
public record Sample(String clipId, ClipLocation location, int start, long maskSeed) {}
