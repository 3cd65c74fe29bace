package dev.mien.model.objective;

/** What the predictions of masked patches are compared with. */
public enum ReconstructionTarget {
  /** Pixels in [0,1], as in MARLIN. */
  PIXELS,
  /**
   * Each colour channel of a patch, minus its mean and divided by its standard deviation, as in
   * VideoMAE (Tong et al., 2022).
   */
  NORMALISED_PIXELS
}
