package dev.mien.model.objective;

/** How the tokens that the encoder sees are chosen. */
public enum MaskStrategy {
  /** MARLIN's: background and skin stay visible first, so the face's components are masked. */
  FASKING,
  /** MARLIN's ablation: the components stay visible first. */
  FASKING_OPPOSITE,
  /** MARLIN's ablation: the same patches in every tubelet, less a few to have the exact count. */
  TUBE,
  /** VideoMAE's: the same patches in every tubelet. */
  WHOLE_TUBE,
  /** Every token alike. */
  RANDOM,
  /** Whole tubelets. */
  FRAME;

  /** Whether the clips' region maps decide. */
  boolean readsRegions() {
    return this == FASKING || this == FASKING_OPPOSITE;
  }
}
