package dev.mien.model.objective;

/** How the visible tokens are chosen. */
public enum MaskStrategy {
  /** MARLIN's: background and skin are visible first, so that the face's components are masked. */
  FASKING,
  /** MARLIN's ablation: the components are visible first. */
  FASKING_OPPOSITE,
  /** MARLIN's ablation: the same patches in every tubelet, minus a few for the exact count. */
  TUBE,
  /** VideoMAE's: the same patches in every tubelet. */
  WHOLE_TUBE,
  /** Tokens drawn uniformly at random. */
  RANDOM,
  /** Whole tubelets. */
  FRAME;

  /** Whether it depends on the clips' region maps. */
  boolean readsRegions() {
    return this == FASKING || this == FASKING_OPPOSITE;
  }
}
