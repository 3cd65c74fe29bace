package dev.mien.spark.evaluate;

import com.google.gson.GsonBuilder;
import dev.mien.spark.evaluate.Bootstrap.Estimate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an evaluation found.
 *
 * @param provenance dataset, model and settings
 * @param counts of tracks and windows, fitted and held out
 * @param width values of an embedding
 */
public record Evaluation(
    Map<String, String> provenance,
    Map<String, Long> counts,
    int width,
    AttributeProbe.Result attributes) {

  /** A table for people. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "Linear probes on frozen embeddings of %d values: %d windows of %d tracks to fit, %d of"
                + " %d tracks held out.%nShare of the variance explained, R², 95 %% interval over"
                + " tracks:%n%n%-8s",
            width,
            counts.get("windows fitted"),
            counts.get("tracks fitted"),
            counts.get("windows held out"),
            counts.get("tracks held out"),
            ""));
    for (Representation representation : Representation.values()) {
      text.append(String.format(Locale.ROOT, "%-25s", representation.label()));
    }
    text.append("trained less untrained   trained less pixels      between tracks\n");
    for (Attribute attribute : Attribute.values()) {
      text.append(String.format(Locale.ROOT, "%-8s", attribute.label()));
      attributes.explained().get(attribute).values().forEach(e -> text.append(cell(e)));
      attributes.lead().get(attribute).values().forEach(e -> text.append(cell(e)));
      double share = attributes.betweenTracks().get(attribute);
      text.append(String.format(Locale.ROOT, "%.0f %%%n", 100 * share));
    }
    text.append(
        "\nBetween tracks: how much of the variance is from one held-out track to another; near"
            + " 100 %, a track\ncounts for one sample, however many windows it has.\n");
    return text.toString();
  }

  /** The same for programs. */
  public String json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("provenance", new TreeMap<>(provenance));
    json.put("counts", new TreeMap<>(counts));
    json.put("width", width);
    json.put("explained", labelled(attributes.explained()));
    json.put("trained_less", labelled(attributes.lead()));
    Map<String, Double> betweenTracks = new LinkedHashMap<>();
    attributes.betweenTracks().forEach((a, share) -> betweenTracks.put(a.label(), share));
    json.put("variance_between_tracks", betweenTracks);
    return new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .serializeSpecialFloatingPointValues()
            .create()
            .toJson(json)
        + "\n";
  }

  private static Map<String, Map<String, Estimate>> labelled(
      Map<Attribute, Map<Representation, Estimate>> estimates) {
    Map<String, Map<String, Estimate>> labelled = new LinkedHashMap<>();
    estimates.forEach(
        (attribute, byRepresentation) -> {
          Map<String, Estimate> row = new LinkedHashMap<>();
          byRepresentation.forEach(
              (representation, estimate) ->
                  row.put(representation.name().toLowerCase(Locale.ROOT), estimate));
          labelled.put(attribute.label(), row);
        });
    return labelled;
  }

  private static String cell(Estimate estimate) {
    String shown =
        String.format(
            Locale.ROOT, "%6.3f [%.3f, %.3f]", estimate.value(), estimate.low(), estimate.high());
    return String.format(Locale.ROOT, "%-25s", shown);
  }
}
