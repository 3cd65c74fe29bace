package dev.mien.spark.evaluate;

import java.util.Arrays;
import java.util.List;

/**
 * A window of a clip, as a probe sees it.
 *
 * @param group the person or track that its run held out or trained on as a whole
 * @param features in the order of {@link Representation}; raw pixels for the last
 * @param attributes in the order of {@link Attribute}
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data: handed over, not compared
record ProbedWindow(
    String clipId, String trackId, String group, List<double[]> features, double[] attributes) {

  private static final List<Representation> REPRESENTATIONS = List.of(Representation.values());
  private static final List<Attribute> ATTRIBUTES = List.of(Attribute.values());

  double[] features(Representation representation) {
    return features.get(REPRESENTATIONS.indexOf(representation));
  }

  /** Whether its landmarks give every attribute, see {@link Attribute#mean}. */
  boolean isMeasured() {
    return Arrays.stream(attributes).allMatch(Double::isFinite);
  }

  double attribute(Attribute attribute) {
    return attributes[ATTRIBUTES.indexOf(attribute)];
  }
}
