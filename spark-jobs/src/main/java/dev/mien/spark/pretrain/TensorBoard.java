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
 * Shows a run's figures in TensorBoard as curves over its optimiser steps, {@code round/loss} and
 * so on, and the pictures of its validations. What cannot be written is reported and left out: no
 * run ends for the sake of a display. Close it.
 */
final class TensorBoard implements AutoCloseable {

  /** Keys that say which step a line belongs to, and are no figures. */
  private static final Set<String> PLACE = Set.of("kind", "round", "step");

  /** Empty when event files could not be begun; nothing is shown then. */
  private final Optional<EventLog> events;

  private TensorBoard(Optional<EventLog> events) {
    this.events = events;
  }

  /**
   * Continues after a finished round. What was shown of later rounds is void, and so is the
   * validation of that round if it is repeated. TensorBoard knows only steps, so the round's own
   * figures, which have the same step as its validation, are then shown again.
   *
   * @param validations the last round whose validation is not repeated
   * @param steps optimiser steps finished; earlier lines may have more, if the batch has become
   *     larger since
   */
  static TensorBoard start(
      Configuration hadoop, String run, long rounds, long validations, long steps) {
    try {
      List<JsonObject> lines =
          MetricsLog.read(hadoop, run).stream()
              .filter(line -> line.get("round").getAsLong() <= rounds)
              .toList();
      long last = lines.stream().mapToLong(TensorBoard::step).max().orElse(steps);
      long voidFrom = validations < rounds ? last : last + 1;
      TensorBoard board = new TensorBoard(Optional.of(EventLog.start(hadoop, run, voidFrom)));
      lines.stream()
          .filter(line -> step(line) >= voidFrom)
          .filter(
              line ->
                  kind(line).equals(MetricsLog.ROUND)
                      || line.get("round").getAsLong() <= validations)
          .forEach(board::show);
      return board;
    } catch (IOException e) {
      System.out.println("TensorBoard shows nothing of this run from now on: " + e.getMessage());
      return new TensorBoard(Optional.empty());
    }
  }

  private static String kind(JsonObject line) {
    return line.get("kind").getAsString();
  }

  private static long step(JsonObject line) {
    return line.get("step").getAsLong();
  }

  /** Shows the numbers in a line of the metrics. */
  void show(JsonObject line) {
    Map<String, Double> figures = new TreeMap<>();
    for (Map.Entry<String, JsonElement> figure : line.entrySet()) {
      if (!PLACE.contains(figure.getKey())) {
        figures.put(kind(line) + "/" + figure.getKey(), figure.getValue().getAsDouble());
      }
    }
    attempt(log -> log.scalars(step(line), figures));
  }

  /** Shows reconstructions by the state after so many steps. */
  void show(long steps, List<Picture> pictures) {
    if (pictures.isEmpty()) {
      return;
    }
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

  /** Begins another event file, so that a kill loses nothing that was shown before. */
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

  /** Adds events. */
  @FunctionalInterface
  private interface Showing {
    void in(EventLog log) throws IOException;
  }
}
