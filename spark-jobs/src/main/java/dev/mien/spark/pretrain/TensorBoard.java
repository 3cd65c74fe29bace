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
   * Goes on after a finished round. What was shown of later rounds is void, and so is the
   * validation of that one if it comes again. TensorBoard knows of steps only: the figures of the
   * round itself, which have its validation's step, are shown again then.
   *
   * @param validations the last round whose validation does not come again
   * @param steps optimiser steps finished; earlier lines may have more, where the batch has become
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

  /** Shows the numbers of a line of the metrics. */
  void show(JsonObject line) {
    Map<String, Double> figures = new TreeMap<>();
    for (Map.Entry<String, JsonElement> figure : line.entrySet()) {
      if (!PLACE.contains(figure.getKey())) {
        figures.put(kind(line) + "/" + figure.getKey(), figure.getValue().getAsDouble());
      }
    }
    attempt(log -> log.scalars(step(line), figures));
  }

  /** Shows reconstructions of the state after so many steps. */
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
