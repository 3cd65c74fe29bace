package dev.mien.spark.pretrain;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.mien.spark.pretrain.replica.Picture;
import dev.mien.spark.run.EventLog;
import dev.mien.spark.run.MetricsLog;
import dev.mien.spark.storage.Writing;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * A run's figures as curves over its optimiser steps, {@code round/loss} and so on, and the
 * pictures of its validations. Close it.
 */
final class TensorBoard implements AutoCloseable {

  /** What says of which step a line is, and not how that went. */
  private static final Set<String> PLACE = Set.of("kind", "round", "step");

  private final EventLog events;

  private TensorBoard(EventLog events) {
    this.events = events;
  }

  /**
   * Goes on after a finished round. What was shown of its last step and later ones is void, the
   * validation of that step among it, which comes again; the figures of the round itself do not,
   * and are shown again.
   */
  static TensorBoard start(Configuration hadoop, String run, long rounds, long steps)
      throws IOException {
    TensorBoard board = new TensorBoard(EventLog.start(hadoop, run, steps));
    for (JsonObject line : MetricsLog.read(hadoop, run)) {
      boolean finished = line.get("kind").getAsString().equals(MetricsLog.ROUND);
      if (finished && line.get("round").getAsLong() == rounds) {
        board.show(line);
      }
    }
    return board;
  }

  /** Shows the numbers of a line of the metrics. */
  void show(JsonObject line) throws IOException {
    String kind = line.get("kind").getAsString();
    Map<String, Double> figures = new TreeMap<>();
    for (Map.Entry<String, JsonElement> figure : line.entrySet()) {
      if (!PLACE.contains(figure.getKey())) {
        figures.put(kind + "/" + figure.getKey(), figure.getValue().getAsDouble());
      }
    }
    events.scalars(line.get("step").getAsLong(), figures);
  }

  /** Shows reconstructions of the state after so many steps. */
  void show(long steps, List<Picture> pictures) throws IOException {
    for (Picture picture : pictures) {
      events.image(
          steps,
          "reconstruction/" + picture.clipId(),
          picture.height(),
          picture.width(),
          picture.png());
    }
    turn();
  }

  /** What was shown so far is not lost when the run is killed. */
  void turn() {
    attempt(events::turn);
  }

  @Override
  public void close() {
    attempt(events::close);
  }

  /** No run ends for what is only for show. */
  private static void attempt(Writing writing) {
    try {
      Writing.write(writing);
    } catch (IOException e) {
      System.out.println("TensorBoard lacks some of this run: " + e.getMessage());
    }
  }
}
