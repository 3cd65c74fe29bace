package dev.mien.spark.config;

/**
 * How an executor reads the clips that it trains on.
 *
 * @param windowsPerClip windows drawn from a clip each time it is read
 * @param shuffleRowGroups row groups whose clips are shuffled together
 * @param cacheSize bytes of stored clips that an executor keeps
 * @param unreadableShards what to do about row groups that cannot be read
 */
public record ReadingOptions(
    int windowsPerClip, int shuffleRowGroups, long cacheSize, UnreadableShards unreadableShards) {}
