package dev.mien.model.parameters;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where each named parameter lies in a flat float vector: in order, without gaps. */
public final class ParameterLayout {

  /**
   * A named parameter.
   *
   * @param name the reference implementation's name
   * @param shape row-major
   */
  public record Parameter(String name, List<Integer> shape) {
    public Parameter {
      shape = List.copyOf(shape);
    }

    /** The number of values. */
    public int size() {
      return shape.stream().reduce(1, Math::multiplyExact);
    }
  }

  private final List<Parameter> parameters;
  private final Map<String, Integer> offsets;
  private final int size;

  /**
   * @throws IllegalArgumentException if a name occurs twice
   * @throws ArithmeticException if the vector would exceed an array's length
   */
  public ParameterLayout(List<Parameter> parameters) {
    this.parameters = List.copyOf(parameters);
    this.offsets = new HashMap<>();
    int offset = 0;
    for (Parameter parameter : this.parameters) {
      if (offsets.put(parameter.name(), offset) != null) {
        throw new IllegalArgumentException(
            "Invalid parameter name: " + parameter.name() + " (occurs twice)");
      }
      offset = Math.addExact(offset, parameter.size());
    }
    this.size = offset;
  }

  /** The parameters in order. */
  public List<Parameter> parameters() {
    return parameters;
  }

  /** The vector's length. */
  public int size() {
    return size;
  }

  /**
   * The first index of the named parameter.
   *
   * @throws IllegalArgumentException if there is no such parameter
   */
  public int offset(String name) {
    Integer offset = offsets.get(name);
    if (offset == null) {
      throw new IllegalArgumentException("Unknown parameter: " + name);
    }
    return offset;
  }

  /** The sizes in order. */
  public List<Integer> sizes() {
    var sizes = new ArrayList<Integer>(parameters.size());
    parameters.forEach(parameter -> sizes.add(parameter.size()));
    return List.copyOf(sizes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ParameterLayout layout && parameters.equals(layout.parameters);
  }

  @Override
  public int hashCode() {
    return parameters.hashCode();
  }

  @Override
  public String toString() {
    return "ParameterLayout[" + parameters.size() + " parameters, " + size + " values]";
  }
}
