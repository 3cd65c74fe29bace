package dev.mien.spark.dataset;

import dev.mien.spark.storage.WholeFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;

/**
 * The texts beside the tables of a dataset: {@code settings/<pipeline>.txt} says what the
 * fingerprints in {@code videos} stand for, {@code summaries/version-<videos>.json} what each run
 * did.
 */
public record DatasetFiles(Configuration hadoop, String uri) {

  /** Keeps what a pipeline's fingerprint is of, in lines of {@code name=value}. */
  public void keepSettings(String pipeline, String description) throws IOException {
    Path file = settings(pipeline);
    FileSystem files = file.getFileSystem(hadoop);
    if (files.exists(file)) {
      return;
    }
    try {
      write(hadoop, file, description);
    } catch (IOException e) {
      if (!files.exists(file)) { // else another run wrote the same just now
        throw e;
      }
    }
  }

  /** The settings that differ, each as {@code name: there -> here}. */
  public List<String> differences(String pipeline, String here) throws IOException {
    Path file = settings(pipeline);
    String text;
    try {
      text = WholeFile.text(file.getFileSystem(hadoop), file);
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
        differences.add(name + ": " + was + " -> " + is);
      }
    }
    return differences;
  }

  /** Keeps what the run did that published a version. */
  public void keepSummary(long version, String json) throws IOException {
    String name = String.format(Locale.ROOT, "version-%06d.json", version); // digits of ASCII
    write(hadoop, new Path(uri, "summaries/" + name), json);
  }

  /**
   * Makes the folder of a file that a job is to write at its end.
   *
   * @param option by which the file was asked for
   * @throws IllegalArgumentException when a file there cannot be
   */
  public static void makeRoom(Configuration hadoop, String option, Path file) throws IOException {
    FileSystem files = WholeFile.fileSystem(hadoop, file);
    Path folder = files.makeQualified(file).getParent();
    boolean isThere;
    try {
      isThere = files.mkdirs(folder);
    } catch (FileAlreadyExistsException | ParentNotDirectoryException e) {
      throw noFolder(option, file, folder, e);
    }
    if (!isThere) {
      throw noFolder(option, file, folder, null);
    }
    if (files.exists(file) && files.getFileStatus(file).isDirectory()) {
      throw new IllegalArgumentException(
          "Invalid %s: %s is a folder (must be a file)".formatted(option, file));
    }
  }

  private static IllegalArgumentException noFolder(
      String option, Path file, Path folder, IOException cause) {
    return new IllegalArgumentException(
        "Invalid %s: %s (its folder %s cannot be made: name a file elsewhere)"
            .formatted(option, file, folder),
        cause);
  }

  /** Writes a text whole or not at all, over what is there. */
  public static void write(Configuration hadoop, Path file, String text) throws IOException {
    WholeFile.write(
        WholeFile.fileSystem(hadoop, file), file, text.getBytes(StandardCharsets.UTF_8));
  }

  private Path settings(String pipeline) {
    return new Path(uri, "settings/" + pipeline + ".txt");
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
