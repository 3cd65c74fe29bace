package dev.mien.preprocessing.clip;

/** Wall-clock time spent on one video, by stage, in nanoseconds; decoding counts both passes. */
public record StageTimes(
    long decodeNanos,
    long detectNanos,
    long landmarkNanos,
    long cropNanos,
    long regionNanos,
    long encodeNanos) {}
