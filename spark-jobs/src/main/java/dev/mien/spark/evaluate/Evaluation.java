package dev.mien.spark.evaluate;

import static java.util.stream.Collectors.joining;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonNull;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import com.google.gson.annotations.SerializedName;
import dev.mien.spark.evaluate.Bootstrap.Estimate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The result of an evaluation.
 *
 * @param provenance dataset, model and settings, and the doubt about what was held out, if there is
 *     one
 * @param width number of values of an embedding
 */
public record Evaluation(
    Map<String, String> provenance, Counts counts, int width, AttributeProbe.Result attributes) {

  /**
   * How much was looked at, under the names in the JSON.
   *
   * @param clipsUnseen left out because a face is seen in too few of their frames
   * @param windowsUnmeasured left out because their landmarks do not give every attribute
   */
  public record Counts(
      @SerializedName("clips unseen") long clipsUnseen,
      @SerializedName("tracks fitted") long tracksFitted,
      @SerializedName("tracks held out") long tracksHeldOut,
      @SerializedName("windows fitted") long windowsFitted,
      @SerializedName("windows held out") long windowsHeldOut,
      @SerializedName("windows unmeasured") long windowsUnmeasured) {}

  private static final JsonSerializer<Double> FINITE =
      (value, type, context) ->
          Double.isFinite(value) ? new JsonPrimitive(value) : JsonNull.INSTANCE;

  /** A table for people. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "Linear probes on frozen embeddings of %d values: %d windows of %d tracks to fit, %d of"
                + " %d tracks held out.%nShare of the variance explained, R², 95 %% interval over"
                + " %s.%n",
            width,
            counts.windowsFitted(),
            counts.tracksFitted(),
            counts.windowsHeldOut(),
            counts.tracksHeldOut(),
            attributes.groups().text()));
    text.append(
        "On %s, version %s.%n"
            .formatted(provenance.get("dataset"), provenance.get("dataset_version")));
    if (!provenance.get("doubt").isEmpty()) {
      text.append("In doubt: %s.%n".formatted(provenance.get("doubt")));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "Left out: %d clips with a face seen in less than %.0f %% of the frames, %d windows in"
                + " which landmarks coincide or the nose is outside the cheeks.%n",
            counts.clipsUnseen(),
            100 * EvaluateJob.LEAST_SEEN,
            counts.windowsUnmeasured()));
    append(text, "overall", attributes.overall());
    append(text, "within", attributes.withinTracks());
    text.append(
        attributes.betweenTracks().entrySet().stream()
            .map(
                e ->
                    String.format(
                        Locale.ROOT, "%s %.0f %%", e.getKey().label(), 100 * e.getValue()))
            .collect(joining(", ", "\nbetween ", "\n")));
    text.append(
        """

        within:  each track's mean is taken off features and attributes: of how a face moves
        between: how much of the variance is from one held-out track to another; near 100 %, a track
                 counts for one sample overall, however many windows it has
        """);
    return text.toString();
  }

  private static void append(StringBuilder text, String title, AttributeProbe.Shares shares) {
    text.append(String.format(Locale.ROOT, "%n%-8s", title));
    for (Representation representation : Representation.values()) {
      text.append(String.format(Locale.ROOT, "%-25s", representation.label()));
    }
    text.append("trained less untrained   trained less pixels\n");
    for (Attribute attribute : Attribute.values()) {
      text.append(String.format(Locale.ROOT, "%-8s", attribute.label()));
      shares.explained().get(attribute).values().forEach(e -> text.append(cell(e)));
      shares.lead().get(attribute).values().forEach(e -> text.append(cell(e)));
      text.append('\n');
    }
  }

  /** The result as JSON; a figure that cannot be computed is null, since JSON has no NaN. */
  public String json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("provenance", new TreeMap<>(provenance));
    json.put("counts", counts);
    json.put("width", width);
    json.put(
        "intervals_over",
        Map.of("unit", attributes.groups().unit(), "count", attributes.groups().count()));
    json.putAll(shares(attributes.overall()));
    json.put("within_tracks", shares(attributes.withinTracks()));
    Map<String, Double> betweenTracks = new LinkedHashMap<>();
    attributes.betweenTracks().forEach((a, share) -> betweenTracks.put(a.label(), share));
    json.put("variance_between_tracks", betweenTracks);
    return new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .serializeNulls()
            .registerTypeAdapter(double.class, FINITE)
            .registerTypeAdapter(Double.class, FINITE)
            .create()
            .toJson(json)
        + "\n";
  }

  private static Map<String, Object> shares(AttributeProbe.Shares shares) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("explained", labelled(shares.explained()));
    json.put("trained_less", labelled(shares.lead()));
    return json;
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
        "%6s [%s, %s]"
            .formatted(figure(estimate.value()), figure(estimate.low()), figure(estimate.high()));
    return "%-24s ".formatted(shown);
  }

  /** Far below zero, for a probe that generalises to nothing, thousandths say nothing. */
  private static String figure(double value) {
    return String.format(Locale.ROOT, Math.abs(value) < 1000 ? "%.3f" : "%.1e", value);
  }
}
