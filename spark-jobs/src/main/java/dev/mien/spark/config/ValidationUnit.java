package dev.mien.spark.config;

/** What is held out of training whole. */
public enum ValidationUnit {
  /**
   * People, a video whose person is unknown being a person of its own; tracks where there is only
   * one.
   */
  PEOPLE,
  /** Tracks, of people whose other tracks may be trained on. */
  TRACKS;

  /** The name in settings and for people. */
  public String label() {
    return Section.written(this);
  }
}
