package dev.mien.spark.evaluate;

import static dev.mien.spark.dataset.StoredRows.frame;
import static dev.mien.spark.dataset.StoredRows.processed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.dataset.TestDatasets;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.CodeVersion;
import dev.mien.spark.run.Manifests;
import dev.mien.spark.run.Snapshots;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

public class EvaluateJobTest {

  private static final int WIDTH = 6400; // of a face, in 1/64 pixels

  private static final MienConfiguration RUN =
      MienConfiguration.load(
          Optional.of("tiny"),
          Optional.empty(),
          List.of(
              "model { image = 28, patch = 14, frames = 2, tubelet = 2,"
                  + " encoder { width = 8, depth = 1, heads = 2 },"
                  + " decoder { width = 8, depth = 1, heads = 2 } }",
              "training { stride = 1, validation-fraction = 0.5 }",
              "evaluation.resamples = 20"));

  private SparkSession spark;
  private Path folder;

  @BeforeClass
  public void train() throws IOException {
    spark = LocalSpark.open(RUN);
    folder = Files.createTempDirectory("evaluate");
    FaceVideoDataset trained = publish(TestDatasets.empty(spark, dataset()), "a", "b", "c", "d");
    publish(trained, "later");
    new Checkpoints(new Configuration(), run())
        .write(
            Manifests.of(1, RUN, dataset(), trained.version().videos()),
            Snapshots.of(TrainingState.initial(RUN.model(), 1)));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void onlyLandmarksThatWereSeenAndMeasureSomethingAreTheTruth() throws IOException {
    Evaluation evaluation = new EvaluateJob(spark, RUN).run(dataset(), run());

    assertThat(evaluation.provenance())
        .containsEntry("code", CodeVersion.current())
        .containsEntry("dataset", dataset())
        .containsEntry("dataset_version", "1")
        .containsEntry("seed", "2023")
        .containsEntry("settings", RUN.evaluation().toString())
        .containsEntry("doubt", "");
    JsonObject said =
        JsonParser.parseString(evaluation.json()).getAsJsonObject().getAsJsonObject("provenance");
    assertThat(said.asMap())
        .hasSameSizeAs(evaluation.provenance())
        .allSatisfy(
            (name, value) ->
                assertThat(value.getAsString()).isEqualTo(evaluation.provenance().get(name)));
    // of a person five clips: three as they should be, one not seen, and one of points that
    // coincide
    Evaluation.Counts counts = evaluation.counts();
    assertThat(counts.clipsUnseen()).isEqualTo(4);
    assertThat(counts.windowsUnmeasured()).isEqualTo(4);
    assertThat(counts.windowsFitted() + counts.windowsHeldOut()).isEqualTo(12);
    assertThat(evaluation.json()).doesNotContain("null", "NaN");
  }

  @Test
  public void moreWindowsThanTheDriverHoldsAreRefused() throws IOException {
    String longer = folder.resolve("longer").toString();
    publish(TestDatasets.empty(spark, longer), 60_000, "a", "b");

    assertThatThrownBy(() -> new EvaluateJob(spark, RUN).run(longer, run()))
        .hasMessage(
            "Invalid evaluation.window-step: 16 (4 clips have 15000 windows at this step, and the"
                + " driver can hold 12000; raise it, or lower evaluation.clips, which is 300)");
  }

  private FaceVideoDataset publish(FaceVideoDataset dataset, String... people) {
    return publish(dataset, 2, people);
  }

  /** Publishes clips that are said to have so many frames. */
  private FaceVideoDataset publish(FaceVideoDataset dataset, int frames, String... people) {
    List<Row> videos = new ArrayList<>();
    List<Row> clips = new ArrayList<>();
    for (String person : people) {
      videos.add(processed(person + ".mp4", person, person));
      for (int i = 0; i < 3; i++) {
        clips.add(clip(person, i, frames, face(person.hashCode() + i), 1));
      }
      clips.add(clip(person, 3, frames, face(3), 0.7f));
      clips.add(clip(person, 4, frames, new byte[2 * 468 * 4], 1));
    }
    return dataset.publish(
        frame(spark, videos, Tables.VIDEOS),
        frame(spark, List.of(), Tables.TRACKS),
        frame(spark, clips, Tables.CLIPS));
  }

  private static Row clip(String person, int index, int frames, byte[] landmarks, float seen) {
    Row stored = StoredRows.clip(person, person, index);
    Object[] values = new Object[stored.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = stored.get(i);
    }
    values[Tables.CLIPS.fieldIndex("frames")] = frames;
    values[Tables.CLIPS.fieldIndex("landmarks")] = landmarks;
    values[Tables.CLIPS.fieldIndex("quality")] =
        RowFactory.create(1f, 1f, seen, 1f, 1f, 1f, 1f, 1f, 1f, 1f);
    return RowFactory.create(values);
  }

  /** Two frames of points anywhere, but that the cheeks and eyes are the outermost. */
  private static byte[] face(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer landmarks = ByteBuffer.allocate(2 * 468 * 4).order(ByteOrder.LITTLE_ENDIAN);
    ShortBuffer points = landmarks.asShortBuffer();
    for (int i = 0; i < 2 * 468 * 2; i++) {
      points.put(i, (short) random.nextInt(1, WIDTH));
    }
    for (int first : new int[] {0, 468}) {
      for (int right : new int[] {234, 33}) {
        points.put(2 * (first + right), (short) 0);
      }
      for (int left : new int[] {454, 263}) {
        points.put(2 * (first + left), (short) WIDTH);
      }
      points.put(2 * (first + 33) + 1, points.get(2 * (first + 263) + 1));
    }
    return landmarks.array();
  }

  private String dataset() {
    return folder.resolve("dataset").toString();
  }

  private String run() {
    return folder.resolve("run").toString();
  }
}
