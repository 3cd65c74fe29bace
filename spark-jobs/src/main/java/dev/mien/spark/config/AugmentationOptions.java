package dev.mien.spark.config;

/**
 * How training windows are augmented, frames and region maps alike.
 *
 * @param flip probability that a window is mirrored, in [0,1]
 * @param crop smallest share of a frame's area that a random crop covers, in (0,1]; it is scaled up
 *     to the whole; 1 never crops
 */
public record AugmentationOptions(double flip, double crop) {

  public AugmentationOptions {
    if (!(flip >= 0 && flip <= 1)) {
      throw new IllegalArgumentException("Invalid flip: " + flip + " (must be in [0,1])");
    }
    if (!(crop > 0 && crop <= 1)) {
      throw new IllegalArgumentException("Invalid crop: " + crop + " (must be in (0,1])");
    }
  }

  /** No augmentation. */
  public static AugmentationOptions none() {
    return new AugmentationOptions(0, 1);
  }
}
