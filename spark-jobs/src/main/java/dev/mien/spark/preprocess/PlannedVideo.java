package dev.mien.spark.preprocess;

import dev.mien.spark.preprocess.listing.VideoSource;

/**
 * A video to preprocess, and why.
 *
 * @param knownSeconds how long it was when it was processed before; 0 when it was not
 * @param knownHash when only its time is another than the dataset has, the hash of its bytes then;
 *     null otherwise
 */
record PlannedVideo(VideoSource source, Change change, double knownSeconds, String knownHash) {

  /** How long it is, as far as can be told before it is opened. */
  double seconds(Costs costs) {
    return knownSeconds > 0 ? knownSeconds : source.size() / costs.bytes();
  }

  /** Whether its bytes may be those that the dataset has. */
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
