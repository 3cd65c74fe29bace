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
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * A run's figures as curves over its optimiser steps, {@code round/loss} and so on, and the
 * pictures of its validations. What cannot be written is said and left out: no run ends for what is
 * only for show. Close it.
 */
final class TensorBoard implements AutoCloseable {

  /** What says of which step a line is, and not how that went. */
  private static final Set<String> PLACE = Set.of("kind", "round", "step");

  /** None where they could not be begun: such a board shows nothing. */
  private final Optional<EventLog> events;

  private TensorBoard(Optional<EventLog> events) {
    this.events = events;
  }

  /**
   * Goes on after a finished round. What was shown of its last step and later ones is void, the
   * validation of that step among it, which comes again; the figures of the round itself do not,
   * and are shown again.
   */
  static TensorBoard start(Configuration hadoop, String run, long rounds, long steps) {
    try {
      List<JsonObject> lines = MetricsLog.read(hadoop, run);
      TensorBoard board = new TensorBoard(Optional.of(EventLog.start(hadoop, run, steps)));
      for (JsonObject line : lines) {
        boolean finished = line.get("kind").getAsString().equals(MetricsLog.ROUND);
        if (finished && line.get("round").getAsLong() == rounds) {
          board.show(line);
        }
      }
      return board;
    } catch (IOException e) {
      System.out.println("TensorBoard shows nothing of this run from now on: " + e.getMessage());
      return new TensorBoard(Optional.empty());
    }
  }

  /** Shows the numbers of a line of the metrics. */
  void show(JsonObject line) {
    String kind = line.get("kind").getAsString();
    Map<String, Double> figures = new TreeMap<>();
    for (Map.Entry<String, JsonElement> figure : line.entrySet()) {
      if (!PLACE.contains(figure.getKey())) {
        figures.put(kind + "/" + figure.getKey(), figure.getValue().getAsDouble());
      }
    }
    attempt(log -> log.scalars(line.get("step").getAsLong(), figures));
  }

  /** Shows reconstructions of the state after so many steps. */
  void show(long steps, List<Picture> pictures) {
    attempt(
        log -> {
          for (Picture picture : pictures) {
            log.image(
                steps,
                "reconstruction/" + picture.clipId(),
                picture.height(),
                picture.width(),
                picture.png());
          }
        });
    turn();
  }

  /** What was shown so far is not lost when the run is killed. */
  void turn() {
    attempt(EventLog::turn);
  }

  @Override
  public void close() {
    attempt(EventLog::close);
  }

  private void attempt(Showing showing) {
    try {
      if (events.isPresent()) {
        Writing.write(() -> showing.in(events.get()));
      }
    } catch (IOException e) {
      System.out.println("TensorBoard lacks some of this run: " + e.getMessage());
    }
  }

  /** Something that adds events. */
  @FunctionalInterface
  private interface Showing {
    void in(EventLog log) throws IOException;
  }
}
