package dev.mien.spark.sql;

import dev.mien.model.objective.MaskStrategy;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is drawn over frames.
 *
 * @param regions whether the region map is drawn
 * @param strategy of the mask that is drawn, or null
 */
record Overlay(boolean regions, MaskStrategy strategy) implements Serializable {

  private static final String REGIONS = "regions";

  /** Parses {@code regions}, a mask's name such as {@code fasking}, or {@code regions+fasking}. */
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

  /** The texts that {@link #parse} accepts, for messages. */
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
