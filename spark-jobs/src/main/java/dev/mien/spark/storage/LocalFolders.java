package dev.mien.spark.storage;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;

/** The local folders where Spark's processes put temporary files. */
public final class LocalFolders {

  /** The settings that name these folders; {@code spark.local.dir} has the lowest priority. */
  public static final String SETTINGS =
      "spark.local.dir or what stands in its place: SPARK_LOCAL_DIRS of standalone workers,"
          + " yarn.nodemanager.local-dirs, Kubernetes' volume spark-local-dir-1";

  private LocalFolders() {}

  /** The folders of a process. */
  public static List<Path> of(SparkEnv process) {
    return Stream.of(process.blockManager().diskBlockManager().localDirs())
        .map(File::toPath)
        .toList();
  }
}
