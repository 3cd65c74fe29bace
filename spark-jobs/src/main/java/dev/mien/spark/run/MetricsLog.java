package dev.mien.spark.run;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.spark.storage.WholeFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Every figure of a run: {@code metrics/part-<first round>.jsonl}, one JSON object per line and one
 * part for {@value #ROUNDS_PER_PART} rounds. The current part is rewritten with each line, since
 * object stores cannot append. Rounds that a killed and resumed run trained twice are in it once.
 */
public final class MetricsLog {

  /** The two kinds of lines, as values of the key {@code kind}. */
  public static final String ROUND = "round";

  public static final String VALIDATION = "validation";

  static final int ROUNDS_PER_PART = 1000;

  /**
   * How often a read is tried: a running job may replace a part while it is read, which fails on
   * HDFS.
   */
  private static final int READS = 5;

  private static final String FOLDER = "metrics";

  private final FileSystem files;
  private final Path folder;
  private final List<String> part = new ArrayList<>();
  private long partStart;
  private boolean isWritten = true;

  private MetricsLog(FileSystem files, Path folder) {
    this.files = files;
    this.folder = folder;
  }

  /**
   * Continues after {@code rounds} finished rounds. Lines of later rounds are dropped. The
   * validation of the last round stays until it is added again, which may never happen.
   */
  public static MetricsLog resume(Configuration hadoop, String run, long rounds)
      throws IOException {
    Path folder = new Path(run, FOLDER);
    FileSystem files = WholeFile.fileSystem(hadoop, folder);
    MetricsLog log = new MetricsLog(files, folder);
    log.partStart = partStart(rounds);

    // By name: a listed path has scheme and authority, which the folder may lack.
    String last = name(log.partStart);
    for (Path path : parts(files, folder)) {
      if (path.getName().equals(last)) {
        lines(files, path).stream()
            .filter(line -> rounds > 0 && round(line) <= rounds)
            .forEach(log.part::add);
      } else if (path.getName().compareTo(last) > 0) {
        files.delete(path, false);
      }
    }
    return log;
  }

  /** Reads every line of a run, in order; none when it has no metrics. */
  public static List<JsonObject> read(Configuration hadoop, String run) throws IOException {
    Path folder = new Path(run, FOLDER);
    FileSystem files = WholeFile.fileSystem(hadoop, folder);
    List<JsonObject> lines = new ArrayList<>();
    for (Path path : parts(files, folder)) {
      lines(files, path).forEach(line -> lines.add(JsonParser.parseString(line).getAsJsonObject()));
    }
    return lines;
  }

  /**
   * Adds a line, or replaces the last one of the same kind and round, and writes it.
   *
   * @param figures numbers and strings by name, in order, {@code kind} and {@code round} among them
   */
  public void add(Map<String, Object> figures) throws IOException {
    String line = new Gson().toJson(figures);
    long start = partStart(round(line));
    if (start > partStart) {
      partStart = start;
      part.clear();
    }
    if (!part.isEmpty() && isSame(part.get(part.size() - 1), line)) {
      part.remove(part.size() - 1);
    }
    part.add(line);
    isWritten = false;
    write();
  }

  /** Writes lines that could not be written when they were added, if there are any. */
  public void settle() throws IOException {
    if (!isWritten) {
      write();
    }
  }

  private void write() throws IOException {
    new WholeFile(files, new Path(folder, name(partStart))).write(String.join("\n", part) + "\n");
    isWritten = true;
  }

  /** The first round of the part that has the lines of a round and of the validation after it. */
  private static long partStart(long round) {
    return Math.max(0, round - 1) / ROUNDS_PER_PART * ROUNDS_PER_PART;
  }

  private static String name(long start) {
    return String.format(Locale.ROOT, "part-%08d.jsonl", start); // digits of ASCII
  }

  private static List<Path> parts(FileSystem files, Path folder) throws IOException {
    if (!files.exists(folder)) {
      return List.of();
    }
    try (Stream<FileStatus> found = Stream.of(files.listStatus(folder))) {
      return found
          .map(FileStatus::getPath)
          .filter(path -> path.getName().endsWith(".jsonl"))
          .sorted(Comparator.comparing(Path::getName))
          .toList();
    }
  }

  /** The lines of a part, without a last one that a kill cut short. */
  private static List<String> lines(FileSystem files, Path path) throws IOException {
    String text = text(new WholeFile(files, path), READS);
    return text.substring(0, text.lastIndexOf('\n') + 1)
        .lines()
        .filter(line -> !line.isBlank())
        .toList();
  }

  private static String text(WholeFile file, int reads) throws IOException {
    try {
      return file.text();
    } catch (IOException e) {
      if (reads == 1) {
        throw e;
      }
      return text(file, reads - 1);
    }
  }

  private static boolean isSame(String former, String line) {
    return kind(former).equals(kind(line)) && round(former) == round(line);
  }

  private static String kind(String line) {
    return JsonParser.parseString(line).getAsJsonObject().get("kind").getAsString();
  }

  private static long round(String line) {
    return JsonParser.parseString(line).getAsJsonObject().get("round").getAsLong();
  }
}
