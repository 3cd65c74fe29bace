package dev.mien.preprocessing.clip;

/** What became of a video. */
public enum Outcome {
  /** Its clips were handed over. */
  PROCESSED,
  /** It is sound but unusable: no video, no face, too large, too long. */
  REJECTED,
  /** It is broken; clips handed over before that was noticed must be dropped. */
  QUARANTINED
}
