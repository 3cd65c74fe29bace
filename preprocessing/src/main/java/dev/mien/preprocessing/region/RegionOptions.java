package dev.mien.preprocessing.region;

/**
 * How regions are found.
 *
 * @param segmentationInterval frames from one person mask to the next while the crop changes; while
 *     it is still, four times as many. In between the mask is kept
 * @param personProbability least probability, in (0,1), for a pixel to belong to the person
 */
public record RegionOptions(int segmentationInterval, float personProbability) {
  public RegionOptions {
    if (segmentationInterval < 1) {
      throw new IllegalArgumentException(
          "Invalid segmentation interval: " + segmentationInterval + " (must be at least 1)");
    }
    if (!(personProbability > 0 && personProbability < 1)) {
      throw new IllegalArgumentException(
          "Invalid person probability: " + personProbability + " (must be in (0,1))");
    }
  }

  /** A person mask every second frame. */
  public static RegionOptions defaults() {
    return new RegionOptions(2, 0.5f);
  }
}
