package dev.mien.spark.dataset;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** The files of this machine, which says what was opened. */
public final class CountingFileSystem extends LocalFileSystem {

  private static final Map<String, String> SETTINGS =
      Map.of(
          "fs.file.impl",
          CountingFileSystem.class.getName(),
          "fs.file.impl.disable.cache", // of those that other sessions opened
          "true");

  private static final Queue<String> OPENED = new ConcurrentLinkedQueue<>();

  /** The names of the files that are opened while a session works, as often as they are. */
  static List<String> opened(SparkSession spark, Runnable work) {
    OPENED.clear();
    SessionSettings.with(spark, SETTINGS, work);
    return List.copyOf(OPENED);
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    OPENED.add(path.getName());
    return super.open(path, bufferSize);
  }
}
