package dev.mien.preprocessing.track;

import dev.mien.preprocessing.detect.Box;

/** The unit of a data set's boxes. */
public enum BoxUnit {
  /** VoxCeleb1: square pixels of the video scaled to 360 pixels high. */
  PIXELS_OF_360_HIGH {
    @Override
    Box inSource(float x, float y, float width, float height, int sourceWidth, int sourceHeight) {
      float scale = sourceHeight / 360f;
      return new Box(x * scale, y * scale, width * scale, height * scale);
    }
  },
  /** VoxCeleb2: shares of the frame's width and height. */
  FRAME_SHARES {
    @Override
    Box inSource(float x, float y, float width, float height, int sourceWidth, int sourceHeight) {
      return new Box(x * sourceWidth, y * sourceHeight, width * sourceWidth, height * sourceHeight);
    }
  };

  /** The box in source pixels, for the size of the upright frame in square pixels. */
  abstract Box inSource(
      float x, float y, float width, float height, int sourceWidth, int sourceHeight);
}
