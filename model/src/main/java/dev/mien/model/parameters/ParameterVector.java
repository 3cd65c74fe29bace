package dev.mien.model.parameters;

import java.util.Arrays;

/**
 * Values for every parameter of a layout. The array is not copied: whoever hands it over stops
 * writing to it.
 */
@SuppressWarnings("ArrayRecordComponent") // a copy of a large vector would double its memory
public record ParameterVector(ParameterLayout layout, float[] values) {
  public ParameterVector {
    if (values.length != layout.size()) {
      throw new IllegalArgumentException(
          "Invalid parameter vector: %d values (the layout has %d)"
              .formatted(values.length, layout.size()));
    }
  }

  /** A vector of zeros. */
  public static ParameterVector zeros(ParameterLayout layout) {
    return new ParameterVector(layout, new float[layout.size()]);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ParameterVector vector
        && layout.equals(vector.layout)
        && Arrays.equals(values, vector.values);
  }

  @Override
  public int hashCode() {
    return 31 * layout.hashCode() + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "ParameterVector[" + values.length + " values]";
  }
}
