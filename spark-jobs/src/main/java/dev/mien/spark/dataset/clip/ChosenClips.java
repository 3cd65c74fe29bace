package dev.mien.spark.dataset.clip;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;

import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.ParquetFiles;
import dev.mien.spark.dataset.Tables;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * Reads some of many clips. Ids are hashes, so that by its statistics every shard may hold any of
 * them, and a query for eight clips would read the pixels of all. The ids are read first, and then
 * the shards that have them.
 */
public final class ChosenClips {

  private ChosenClips() {}

  /** The rows of these clips, as far as they exist, with the columns of {@link Tables#CLIPS}. */
  public static Dataset<Row> read(FaceVideoDataset dataset, Collection<String> clipIds) {
    return read(dataset, clips -> clips.where(col("clip_id").isInCollection(clipIds)));
  }

  /** The rows of all clips of some videos, however many. */
  public static Dataset<Row> ofVideos(FaceVideoDataset dataset, List<String> videoIds) {
    Dataset<Row> videos =
        dataset.clips().sparkSession().createDataset(videoIds, Encoders.STRING()).toDF("video_id");
    return read(
        dataset,
        clips ->
            clips.join(
                broadcast(videos),
                clips.col("video_id").equalTo(videos.col("video_id")),
                "left_semi"));
  }

  private static Dataset<Row> read(FaceVideoDataset dataset, UnaryOperator<Dataset<Row>> choice) {
    Dataset<Row> clips = dataset.clips();
    List<String> shards =
        choice
            .apply(clips.select(col("clip_id"), col("video_id"), col("_metadata.file_path")))
            .select("file_path")
            .distinct()
            .as(Encoders.STRING())
            .collectAsList();
    if (shards.isEmpty()) {
      return clips.limit(0);
    }
    return choice.apply(
        ParquetFiles.read(
            clips.sparkSession(),
            Tables.CLIPS,
            shards.stream().map(uri -> new Path(URI.create(uri))).toList()));
  }
}
