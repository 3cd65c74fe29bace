package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.MeetingFileSystem;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.RDDBlockId;
import org.testng.annotations.Test;
import scala.collection.Iterator;

/** What becomes of a batch of which a part is lost and is another when it is decoded again. */
public class LostBlocksTest {

  private static final int FRAMES = 40;

  @Test
  public void theBatchIsDecodedAnew() throws Exception {
    MienConfiguration configuration =
        MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());
    Path folder = Files.createTempDirectory("lost").toRealPath();
    Path input = Files.createDirectories(folder.resolve("in"));
    TestVideos.copy(TestVideos.CAP12, input.resolve("long.mp4"), "mp4", 2 * FRAMES, 1);
    Path replaced = TestVideos.copy(TestVideos.CAP12, input.resolve("b.mp4"), "mp4", FRAMES, 1);
    Path other =
        TestVideos.copy(TestVideos.CAP13, folder.resolve("other.mp4"), "mp4", FRAMES + 1, 1);
    String uri = folder.resolve("dataset").toUri().toString();

    try (SparkSession spark = LocalSpark.open(configuration)) {
      FaceVideoDataset.openOrCreate(spark, uri);
      MeetingFileSystem.meet(
          spark,
          "dataset/clips/part-.*", // while the first task's are being read
          1,
          () -> {
            Files.move(other, replaced, StandardCopyOption.REPLACE_EXISTING);
            assertThat(lose(1)).isPositive();
          },
          () ->
              new PreprocessJob(spark, configuration)
                  .run(PreprocessInputs.of(input.toUri().toString()), uri));

      FaceVideoDataset dataset = FaceVideoDataset.open(spark, uri);
      assertThat(
              dataset.videos().orderBy("uri").select("outcome", "frames_decoded").collectAsList())
          .extracting(Object::toString)
          .containsExactly(
              "[processed,%d]".formatted(FRAMES + 1), "[processed,%d]".formatted(2 * FRAMES));
      assertThat(dataset.clips().select("video_id").distinct().count()).isEqualTo(2);
    }
  }

  /** Takes away what tasks of this number have kept. */
  private static int lose(int task) throws IOException {
    BlockManager blocks = SparkEnv.get().blockManager();
    Iterator<BlockId> kept =
        blocks
            .getMatchingBlockIds(id -> id instanceof RDDBlockId block && block.splitIndex() == task)
            .iterator();
    int lost = 0;
    while (kept.hasNext()) {
      blocks.removeBlock(kept.next(), true);
      lost++;
    }
    return lost;
  }
}
