package dev.mien.spark.dataset;

import dev.mien.spark.storage.WholeFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * The text files beside the tables of a dataset: {@code settings/<pipeline>.txt} says which
 * settings a fingerprint in {@code videos} stands for, and {@code summaries/version-<videos>.json}
 * what each run did.
 */
public record DatasetFiles(Configuration hadoop, String uri) {

  /** Keys of settings that are called otherwise in configurations. */
  private static final Map<String, String> OTHER_KEYS =
      Map.of(
          "decode.maximumFramesPerSecond", "decode.maximum-frame-rate",
          "crop.geometry", "clip.geometry",
          "frameFormat", "clip.format",
          "jpegQuality", "clip.jpeg-quality");

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

  /** The settings that differ, each as {@code name: there -> here}. */
  public List<String> differences(String pipeline, String here) throws IOException {
    String text;
    try {
      text = settings(pipeline).text();
    } catch (FileNotFoundException e) {
      return List.of("settings that the dataset does not have (pipeline " + pipeline + ")");
    }

    SortedMap<String, String> before = values(text);
    SortedMap<String, String> now = values(here);
    SortedMap<String, String> all = new TreeMap<>(before);
    all.putAll(now);
    List<String> differences = new ArrayList<>();
    for (String name : all.keySet()) {
      String was = before.getOrDefault(name, "absent");
      String is = now.getOrDefault(name, "absent");
      if (!was.equals(is)) {
        differences.add(key(name) + ": " + was + " -> " + is);
      }
    }
    return differences;
  }

  /**
   * A setting's key in configurations, below {@code preprocessing}: {@code track.minimum-frames}.
   */
  private static String key(String name) {
    String other = OTHER_KEYS.get(name);
    if (other != null) {
      return other;
    }
    return Character.isLowerCase(name.charAt(0))
        ? name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT)
        : name;
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
