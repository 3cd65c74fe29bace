package dev.mien.spark.dataset;

import static org.apache.spark.sql.functions.col;

import java.net.URI;
import java.util.Collection;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.datasources.DataSource;

/**
 * A few clips of many. Ids are of hashes, so that every shard may hold any of them as far as its
 * statistics say, and a look for eight would read the pixels of all. The ids are read first, and
 * then the shards that have them.
 */
public final class ChosenClips {

  private ChosenClips() {}

  /** The rows of these clips, those that are there. The columns are {@link Tables#CLIPS}. */
  public static Dataset<Row> read(FaceVideoDataset dataset, Collection<String> clipIds) {
    Dataset<Row> clips = dataset.clips();
    List<String> shards =
        clips
            .select(col("clip_id"), col("_metadata.file_path"))
            .where(col("clip_id").isInCollection(clipIds))
            .select("file_path")
            .distinct()
            .as(Encoders.STRING())
            .collectAsList();
    return clips
        .sparkSession()
        .read()
        .schema(Tables.CLIPS)
        .option(DataSource.GLOB_PATHS_KEY(), "false") // a folder's name is no pattern
        .parquet(shards.stream().map(ChosenClips::path).toArray(String[]::new))
        .where(col("clip_id").isInCollection(clipIds));
  }

  /** Spark names files by URIs, and takes paths. */
  private static String path(String uri) {
    return new Path(URI.create(uri)).toString();
  }
}
