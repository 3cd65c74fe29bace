package dev.mien.spark.preprocess;

import java.util.Collection;
import java.util.SortedMap;

/**
 * The videos at a run's inputs.
 *
 * @param videos each once
 * @param unlisted folders below the inputs whose videos are not known, since they cannot be listed,
 *     by URI, and why
 * @param otherFiles how many files are no videos by their names, by extension; those that two
 *     inputs have count twice
 */
record FoundVideos(
    Collection<VideoSource> videos,
    SortedMap<String, String> unlisted,
    SortedMap<String, Long> otherFiles) {}
