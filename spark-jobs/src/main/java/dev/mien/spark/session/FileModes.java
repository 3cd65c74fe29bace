package dev.mien.spark.session;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FsConstants;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;

/**
 * Keeps written files from other users, since they show faces. Hadoop's file systems, the local one
 * among them, set file modes by their own settings and not by the process's umask.
 */
public final class FileModes {

  private static final String MASK = FsPermission.UMASK_LABEL;
  private static final String HADOOPS_DEFAULTS = "core-default.xml";

  /** Denies everything to other users, and writing to the group. */
  private static final String OWN_AND_GROUP = "027";

  private FileModes() {}

  /** Hadoop's settings for a command without a Spark session. */
  public static Configuration hadoop() {
    SparkConf conf = new SparkConf();
    keepFromOthers(conf);
    // settings spark.hadoop.* say where file systems are
    Configuration hadoop = SparkHadoopUtil.get().newConfiguration(conf);
    apply(hadoop);
    return hadoop;
  }

  /** Keeps files from other users, unless the settings of Hadoop or Spark say who may read them. */
  static void keepFromOthers(SparkConf conf) {
    String[] sources = new Configuration().getPropertySources(MASK);
    if (sources == null || List.of(sources).equals(List.of(HADOOPS_DEFAULTS))) {
      conf.setIfMissing("spark.hadoop." + MASK, OWN_AND_GROUP);
    }
  }

  /**
   * Applies the modes to this process's local file system, which spark-submit has opened already.
   */
  static void apply(Configuration hadoop) {
    try {
      // Whatever class is configured for it: getLocal() returns only Hadoop's own.
      FileSystem.get(FsConstants.LOCAL_FS_URI, hadoop).getConf().set(MASK, hadoop.get(MASK));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot open the local file system", e);
    }
  }
}
