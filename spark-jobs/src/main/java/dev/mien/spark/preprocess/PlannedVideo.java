package dev.mien.spark.preprocess;

import dev.mien.spark.preprocess.listing.VideoSource;

/**
 * A video to preprocess, and the reason.
 *
 * @param knownSeconds the video's length when it was processed before; 0 when it was not
 * @param knownHash the known hash of its bytes, if nothing but the file's time differs from what is
 *     known; null otherwise
 */
record PlannedVideo(VideoSource source, Change change, double knownSeconds, String knownHash) {

  /** The video's length, or an estimate before it is opened. */
  double seconds(Costs costs) {
    return knownSeconds > 0 ? knownSeconds : source.size() / costs.bytes();
  }

  /** Whether the bytes may be the known ones, with only the file's time changed. */
  boolean isPerhapsTouched() {
    return change == Change.CHANGED && knownHash != null && !knownHash.isEmpty();
  }

  enum Change {
    NEW("new"),
    CHANGED("changed, or touched"),
    RELABELLED("with another person, split or place in VoxCeleb"),
    SETTINGS("made by other settings"),
    BOXES("made without looking for boxes"),
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
