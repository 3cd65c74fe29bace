package dev.mien.spark;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** The files of this machine, for a job of which is to be known what it opens. */
public final class CountingFileSystem extends LocalFileSystem {

  private static final Map<String, String> SETTINGS =
      Map.of(
          "fs.file.impl",
          CountingFileSystem.class.getName(),
          "fs.file.impl.disable.cache", // of those that other sessions opened
          "true");

  private static final Queue<String> OPENED = new ConcurrentLinkedQueue<>();

  /** Something that may fail. */
  public interface Work {
    void run() throws IOException;
  }

  /**
   * Works in a session.
   *
   * @return the paths of the files that were opened, as often as they were
   */
  public static List<String> opened(SparkSession spark, Work work) throws IOException {
    OPENED.clear();
    SETTINGS.forEach(spark.conf()::set);
    try {
      work.run();
    } finally {
      SETTINGS.keySet().forEach(spark.conf()::unset);
    }
    return List.copyOf(OPENED);
  }

  /** The same of the Parquet files of clips alone. */
  public static List<String> clipsOpened(SparkSession spark, Work work) throws IOException {
    return opened(spark, work).stream()
        .filter(path -> path.matches(".*/clips/[^/]*\\.parquet"))
        .toList();
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    OPENED.add(path.toUri().getPath());
    return super.open(path, bufferSize);
  }
}
