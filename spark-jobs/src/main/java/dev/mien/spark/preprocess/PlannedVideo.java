package dev.mien.spark.preprocess;

import dev.mien.spark.preprocess.listing.VideoSource;

/**
 * A video to preprocess, and why.
 *
 * @param knownSeconds how long the video was when it was processed before; 0 when it was not
 * @param knownHash the hash of the bytes that the dataset knows, when nothing but the time of the
 *     file differs from what it knows; null otherwise
 */
record PlannedVideo(VideoSource source, Change change, double knownSeconds, String knownHash) {

  /** The length of the video, as far as it can be told before the video is opened. */
  double seconds(Costs costs) {
    return knownSeconds > 0 ? knownSeconds : source.size() / costs.bytes();
  }

  /** Whether the video may have the bytes that the dataset knows, and another time only. */
  boolean isPerhapsTouched() {
    return change == Change.CHANGED && knownHash != null && !knownHash.isEmpty();
  }

  enum Change {
    NEW("new"),
    CHANGED("changed, or touched"),
    RELABELLED("with another person, split or place in VoxCeleb"),
    SETTINGS("made by other settings"),
    RETRIED("tried again, as they were quarantined"),
    FREED("no longer the same as another, or as an erased one"),
    ABSENT("listed, but not there");

    private final String text;

    Change(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }
}
