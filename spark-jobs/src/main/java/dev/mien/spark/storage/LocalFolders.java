package dev.mien.spark.storage;

/** Where Spark has its processes put what they need for a while. */
public final class LocalFolders {

  /** What says where, of which {@code spark.local.dir} counts least. */
  public static final String SETTINGS =
      "spark.local.dir or what stands in its place: SPARK_LOCAL_DIRS of standalone workers,"
          + " yarn.nodemanager.local-dirs, Kubernetes' volume spark-local-dir-1";

  private LocalFolders() {}
}
