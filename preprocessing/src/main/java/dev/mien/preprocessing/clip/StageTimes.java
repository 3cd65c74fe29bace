package dev.mien.preprocessing.clip;

/**
 * Wall-clock time spent on one video, by stage, in nanoseconds. Decoding counts both passes, and
 * all of the time of a video whose process died, whose stages are unknown.
 */
public record StageTimes(
    long decodeNanos,
    long detectNanos,
    long landmarkNanos,
    long cropNanos,
    long regionNanos,
    long encodeNanos) {}
