package dev.mien.spark.dataset.clip;

/** A clip in the index: everything but its pixels. {@code personId} may be null. */
public record ClipEntry(
    String clipId,
    String trackId,
    String videoId,
    String personId,
    String split,
    int frames,
    ClipLocation location) {}
