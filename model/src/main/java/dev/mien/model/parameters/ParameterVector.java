package dev.mien.model.parameters;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Values for every parameter of a layout. The array is not copied: whoever hands it over must not
 * write to it any more.
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

  /**
   * Collects the layout's parameters from tensors named {@code prefix + name}; others are ignored.
   *
   * @throws IllegalArgumentException if a tensor is missing, of another shape or not of a floating
   *     type
   */
  public static ParameterVector of(
      ParameterLayout layout, String prefix, Map<String, Tensor> tensors) {
    var values = new float[layout.size()];
    for (ParameterLayout.Parameter parameter : layout.parameters()) {
      Tensor tensor = tensors.get(prefix + parameter.name());
      if (tensor == null) {
        throw new IllegalArgumentException("Missing tensor: " + prefix + parameter.name());
      }
      var shape = parameter.shape().stream().map(Integer::longValue).toList();
      if (!tensor.type().isFloating() || !tensor.shape().equals(shape)) {
        throw new IllegalArgumentException(
            "Invalid tensor: %s is %s of shape %s (must be floats of shape %s)"
                .formatted(prefix + parameter.name(), tensor.type(), tensor.shape(), shape));
      }
      tensor.copyTo(values, layout.offset(parameter.name()));
    }
    return new ParameterVector(layout, values);
  }

  /** Copies every parameter into a tensor named {@code prefix + name}, in the layout's order. */
  public Map<String, Tensor> tensors(String prefix) {
    var tensors = new LinkedHashMap<String, Tensor>();
    for (ParameterLayout.Parameter parameter : layout.parameters()) {
      int offset = layout.offset(parameter.name());
      var shape = parameter.shape().stream().map(Integer::longValue).toList();
      float[] part = Arrays.copyOfRange(values, offset, offset + parameter.size());
      tensors.put(prefix + parameter.name(), Tensor.of(shape, part));
    }
    return tensors;
  }

  /**
   * Copies the parameters of another layout, in its order.
   *
   * @throws IllegalArgumentException if one is missing or of another shape
   */
  public ParameterVector select(ParameterLayout other) {
    var selected = new float[other.size()];
    for (ParameterLayout.Parameter parameter : other.parameters()) {
      int from = layout.offset(parameter.name());
      if (!layout.parameters().contains(parameter)) {
        throw new IllegalArgumentException(
            "Invalid parameter: %s is not of shape %s"
                .formatted(parameter.name(), parameter.shape()));
      }
      System.arraycopy(values, from, selected, other.offset(parameter.name()), parameter.size());
    }
    return new ParameterVector(other, selected);
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
