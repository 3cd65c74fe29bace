package dev.mien.spark.sql;

import dev.mien.model.objective.MaskStrategy;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is laid over frames.
 *
 * @param regions whether the region map is
 * @param strategy of the mask, or null
 */
record Overlay(boolean regions, MaskStrategy strategy) implements Serializable {

  private static final String REGIONS = "regions";

  /** From {@code regions}, a mask's name such as {@code fasking}, or {@code regions+fasking}. */
  static Optional<Overlay> parse(String text) {
    String mask = text.startsWith(REGIONS + "+") ? text.substring(REGIONS.length() + 1) : text;
    if (text.equals(REGIONS)) {
      return Optional.of(new Overlay(true, null));
    }
    return Arrays.stream(MaskStrategy.values())
        .filter(strategy -> name(strategy).equals(mask))
        .findFirst()
        .map(strategy -> new Overlay(!mask.equals(text), strategy));
  }

  /** What {@link #parse} understands, for people. */
  static String choices() {
    return Arrays.stream(MaskStrategy.values())
        .map(Overlay::name)
        .collect(Collectors.joining(", ", REGIONS + ", one of ", ", or regions+ one of these"));
  }

  Optional<MaskStrategy> mask() {
    return Optional.ofNullable(strategy);
  }

  private static String name(MaskStrategy strategy) {
    return strategy.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
