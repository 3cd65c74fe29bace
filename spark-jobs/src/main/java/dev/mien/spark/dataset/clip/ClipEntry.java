package dev.mien.spark.dataset.clip;

/** A clip as the index knows it: all but its pixels. {@code personId} may be null. */
public record ClipEntry(
    String clipId,
    String trackId,
    String videoId,
    String personId,
    String split,
    int frames,
    ClipLocation location) {}
