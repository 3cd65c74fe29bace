package dev.mien.spark.storage;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;

/** Where Spark has its processes put what they need for a while. */
public final class LocalFolders {

  /** What says where, of which {@code spark.local.dir} counts least. */
  public static final String SETTINGS =
      "spark.local.dir or what stands in its place: SPARK_LOCAL_DIRS of standalone workers,"
          + " yarn.nodemanager.local-dirs, Kubernetes' volume spark-local-dir-1";

  private LocalFolders() {}

  /** Those of a process. */
  public static List<Path> of(SparkEnv process) {
    return Stream.of(process.blockManager().diskBlockManager().localDirs())
        .map(File::toPath)
        .toList();
  }
}
