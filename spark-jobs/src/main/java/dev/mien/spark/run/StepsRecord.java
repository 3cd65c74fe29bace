package dev.mien.spark.run;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import dev.mien.spark.storage.WholeFile;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * How many steps each round takes where that depends on time: {@code steps.json}, written before
 * the round begins, so that a run that is killed and resumed takes the same steps again.
 */
public final class StepsRecord {

  private static final String NAME = "steps.json";

  private final WholeFile file;
  private final SortedMap<Long, Integer> steps;

  private StepsRecord(WholeFile file, SortedMap<Long, Integer> steps) {
    this.file = file;
    this.steps = steps;
  }

  /** Opens a run's record, which may be empty. */
  public static StepsRecord open(Configuration hadoop, String run) throws IOException {
    WholeFile file = WholeFile.of(hadoop, run, NAME);
    SortedMap<Long, Integer> steps = new TreeMap<>();
    if (file.exists()) {
      steps.putAll(parse(file, file.text()));
    }
    return new StepsRecord(file, steps);
  }

  private static Map<Long, Integer> parse(WholeFile file, String text) throws IOException {
    try {
      Map<Long, Integer> parsed =
          new Gson().fromJson(text, new TypeToken<TreeMap<Long, Integer>>() {});
      if (parsed == null) {
        throw new JsonParseException("empty");
      }
      return parsed;
    } catch (JsonParseException e) {
      throw new IOException(
          ("%s holds '%s' (must be the steps of each round as JSON; delete it, and rounds that are"
                  + " trained again may take other steps)")
              .formatted(file, text),
          e);
    }
  }

  /** Deletes what another run has recorded in the folder. */
  public static void discard(Configuration hadoop, String run) throws IOException {
    WholeFile.of(hadoop, run, NAME).delete();
  }

  /** The recorded steps of a round, if any. */
  public Optional<Integer> of(long round) {
    return Optional.ofNullable(steps.get(round));
  }

  /** The recorded steps of the last round before a round, if any. */
  public Optional<Integer> before(long round) {
    SortedMap<Long, Integer> earlier = steps.headMap(round);
    return earlier.isEmpty() ? Optional.empty() : of(earlier.lastKey());
  }

  /** Records the steps of a round that is about to begin. */
  public void add(long round, int count) throws IOException {
    SortedMap<Long, Integer> more = new TreeMap<>(steps);
    more.put(round, count);
    file.write(new Gson().toJson(more));
    steps.put(
        round,
        count); // not before: if writing fails and is tried again, the round must not be found
    // recorded
  }
}
