package dev.mien.spark.config;

/** What is held out of training as a whole. */
public enum ValidationUnit {
  /**
   * People, where a video of an unknown person counts as a person of its own; tracks where there is
   * only one person.
   */
  PEOPLE,
  /** Tracks; other tracks of the same person may be trained on. */
  TRACKS;

  /** The name in settings and in texts for people. */
  public String label() {
    return Section.written(this);
  }
}
