package dev.mien.spark.config;

/**
 * How a training window is varied each time it is drawn, its frames and region maps alike.
 *
 * @param flip share of the windows that are mirrored, in [0,1]
 * @param crop smallest share of a frame's area that a random part covers, scaled up to the whole,
 *     in (0,1]; 1 never crops
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

  /** Windows as they are stored. */
  public static AugmentationOptions none() {
    return new AugmentationOptions(0, 1);
  }
}
