package dev.mien.spark;

import dev.mien.preprocessing.region.RegionMapper;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** A dataset of one clip a person, of pixels drawn from a seed, where no face is needed. */
final class NoiseDataset {

  private static final long SEED = 11;

  private NoiseDataset() {}

  /**
   * Writes a dataset.
   *
   * @param people who are in it, a clip each
   * @param shards files of the clips table
   * @param frames of each clip
   * @param side of a frame in pixels
   */
  static void write(String uri, int people, int shards, int frames, int side) throws IOException {
    MienConfiguration configuration =
        MienConfiguration.load(
            Optional.of("tiny"), Optional.empty(), List.of("dataset.row-group-size = 1MiB"));
    try (SparkSession spark = LocalSpark.open(configuration)) {
      List<Row> videos = new ArrayList<>();
      List<Row> clips = new ArrayList<>();
      for (int person = 0; person < people; person++) {
        String name = "person%02d".formatted(person);
        videos.add(video(name, frames, side));
        clips.add(clip(name, frames, side, new Random(SEED + person)));
      }
      FaceVideoDataset.openOrCreate(spark, uri)
          .publish(
              spark.createDataFrame(videos, Tables.VIDEOS),
              spark.createDataFrame(List.<Row>of(), Tables.TRACKS),
              spark.createDataFrame(clips, Tables.CLIPS).coalesce(1).repartition(shards));
    }
  }

  private static Row video(String name, int frames, int side) {
    return RowFactory.create(
        "video-of-" + name,
        "file:/" + name + ".mp4",
        1L,
        2L,
        "hash-of-" + name,
        name,
        "dev",
        null,
        null,
        side,
        side,
        25.0,
        frames / 25.0,
        "none",
        0,
        frames,
        frames,
        1,
        1,
        (long) frames * side * side * 3,
        Tables.PROCESSED,
        "",
        Map.of(),
        new Object[0],
        "noise",
        null,
        RowFactory.create(0.0, 0.0, 0.0, 0.0, 0.0, 0.0));
  }

  private static Row clip(String name, int frames, int side, Random random) {
    return RowFactory.create(
        "clip-of-" + name,
        "track-of-" + name,
        "video-of-" + name,
        name,
        "dev",
        0,
        frames,
        side,
        side,
        25.0,
        LongStream.range(0, frames).map(frame -> frame * 40_000).toArray(),
        "raw",
        Stream.generate(() -> noise(random, side * side * 3)).limit(frames).toArray(),
        noise(random, frames * RegionMapper.CELLS * RegionMapper.CELLS),
        new byte[0],
        RowFactory.create(1f, 1f, 1f, 1f, 1f, 1f, 1f, 0f, 0f, 0f),
        LongStream.generate(random::nextLong).limit(4).toArray());
  }

  private static byte[] noise(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
