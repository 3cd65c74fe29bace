package dev.mien.spark.dataset;

import dev.mien.spark.storage.WholeFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * The text files beside the tables of a dataset: {@code settings/<pipeline>.txt} says which
 * settings a fingerprint in {@code videos} stands for, and {@code summaries/version-<videos>.json}
 * what each run did.
 */
public record DatasetFiles(Configuration hadoop, String uri) {

  /**
   * Keeps the settings that a pipeline's fingerprint stands for, in lines of {@code name=value}.
   */
  public void keepSettings(String pipeline, String description) throws IOException {
    WholeFile file = settings(pipeline);
    if (file.exists()) {
      return;
    }
    try {
      file.write(description);
    } catch (IOException e) {
      if (!file.exists()) { // otherwise another run has just written the same
        throw e;
      }
    }
  }

  /**
   * A setting that differs.
   *
   * @param name as the description of the settings has it
   * @param before its value in the dataset, or {@code absent}
   * @param now its value, or {@code absent}
   */
  public record Difference(String name, String before, String now) {}

  /**
   * The settings that differ from those that a pipeline's fingerprint stands for.
   *
   * @param description of the settings now
   * @throws FileNotFoundException when the dataset does not have them
   */
  public List<Difference> differences(String pipeline, String description) throws IOException {
    SortedMap<String, String> before = values(settings(pipeline).text());
    SortedMap<String, String> now = values(description);
    SortedMap<String, String> all = new TreeMap<>(before);
    all.putAll(now);
    List<Difference> differences = new ArrayList<>();
    for (String name : all.keySet()) {
      String was = before.getOrDefault(name, "absent");
      String is = now.getOrDefault(name, "absent");
      if (!was.equals(is)) {
        differences.add(new Difference(name, was, is));
      }
    }
    return differences;
  }

  /** Keeps the summary of the run that published a version. */
  public void keepSummary(long version, String json) throws IOException {
    String name = String.format(Locale.ROOT, "version-%06d.json", version); // digits of ASCII
    WholeFile.of(hadoop, uri, "summaries/" + name).write(json);
  }

  private WholeFile settings(String pipeline) throws IOException {
    return WholeFile.of(hadoop, uri, "settings/" + pipeline + ".txt");
  }

  private static SortedMap<String, String> values(String text) {
    SortedMap<String, String> values = new TreeMap<>();
    for (String line : text.lines().toList()) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return values;
  }
}
