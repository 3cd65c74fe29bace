package dev.mien.spark.dataset;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;

/** Datasets for what is not about how one is made. */
public final class TestDatasets {

  private static Path made;

  private TestDatasets() {}

  /**
   * A dataset without videos in a folder of this machine: a copy of one that is made once, since
   * Delta names files from their table, and making it takes three commits.
   */
  public static synchronized FaceVideoDataset empty(SparkSession spark, String uri)
      throws IOException {
    if (made == null) {
      Path folder = Files.createTempDirectory("empty-dataset");
      FileUtils.forceDeleteOnExit(folder.toFile());
      FaceVideoDataset.openOrCreate(spark, folder.toUri().toString());
      made = folder;
    }
    String target = new org.apache.hadoop.fs.Path(uri).toUri().getPath();
    FileUtils.copyDirectory(made.toFile(), new File(target));
    return FaceVideoDataset.open(spark, uri);
  }
}
