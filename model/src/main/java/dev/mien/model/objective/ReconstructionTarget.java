package dev.mien.model.objective;

/** What the predictions of masked patches are compared with. */
public enum ReconstructionTarget {
  /** Pixels in [0,1], as MARLIN. */
  PIXELS,
  /**
   * Each colour channel of a patch less its mean, over its deviation, as VideoMAE (Tong et al.,
   * 2022).
   */
  NORMALISED_PIXELS
}
