package dev.mien.preprocessing.crop;

import java.util.Objects;

/**
 * How faces are cut out.
 *
 * @param geometry where the crop lies
 */
public record CropOptions(CropGeometry geometry) {
  /** Side of a stored crop in pixels: MARLIN's input size, and 56 region cells of 4 pixels. */
  public static final int SIZE = 224;

  public CropOptions {
    Objects.requireNonNull(geometry, "geometry");
  }

  /** MARLIN's geometry. */
  public static CropOptions defaults() {
    return new CropOptions(CropGeometry.MARLIN);
  }
}
