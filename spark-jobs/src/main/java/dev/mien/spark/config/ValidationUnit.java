package dev.mien.spark.config;

/** What is held out of training whole. */
public enum ValidationUnit {
  /** People; where the dataset knows at most one, tracks. */
  PEOPLE,
  /** Tracks, of people whose other tracks may be trained on. */
  TRACKS;

  /** The name in settings and for people. */
  public String label() {
    return Section.written(this);
  }
}
