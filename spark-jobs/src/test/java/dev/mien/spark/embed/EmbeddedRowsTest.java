package dev.mien.spark.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.mien.model.marlin.WindowSampling;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.config.EmbeddingOptions.Output;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifests;
import dev.mien.spark.run.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;
import scala.collection.JavaConverters;

public class EmbeddedRowsTest {

  private static final int SIDE = 56;
  private static final MienConfiguration TINY =
      MienConfiguration.load(
          Optional.of("tiny"),
          Optional.empty(),
          List.of("model { image = 56, patch = 14, encoder.width = 24, decoder.width = 12 }"));

  /** Of 64 frames there are two windows, of 16 one. */
  private static final EmbeddingOptions OPTIONS =
      new EmbeddingOptions(8, 2, 16, WindowSampling.Tail.COVERED, Output.POOLED);

  private static final StructType ROW =
      new StructType().add("clip_id", DataTypes.StringType).add("clip", EmbedClips.CLIP);

  private final Configuration hadoop = new Configuration();
  private final SplittableRandom random = new SplittableRandom(6);
  private String run;

  @BeforeClass
  public void write() throws IOException {
    run = Files.createTempDirectory("run").toString();
    new Checkpoints(hadoop, run)
        .write(Manifests.of(1, TINY), Snapshots.of(TrainingState.initial(TINY.model(), 5)));
  }

  @Test
  public void rowsAreTheSameWhateverTheBatchSize() throws IOException {
    List<Row> rows =
        List.of(
            row("none", null),
            row("a", clip(64)),
            row("of nulls", new GenericRowWithSchema(new Object[4], EmbedClips.CLIP)),
            row("b", clip(16)),
            row("c", clip(64)),
            row("d", clip(64)),
            row("last", null));

    List<Row> one = embed(rows, 1);

    assertThat(one)
        .extracting(row -> row.getString(0))
        .containsExactly("none", "a", "of nulls", "b", "c", "d", "last");
    assertThat(one).extracting(row -> windows(row).length).containsExactly(0, 2, 0, 1, 2, 2, 0);
    for (int batchSize : List.of(3, 8)) {
      List<Row> several = embed(rows, batchSize);
      assertThat(several).hasSameSizeAs(one);
      for (int i = 0; i < one.size(); i++) {
        assertThat(several.get(i).getString(0)).isEqualTo(one.get(i).getString(0));
        assertThat(windows(several.get(i))).hasSameSizeAs(windows(one.get(i)));
        for (int j = 0; j < windows(one.get(i)).length; j++) {
          Row expected = (Row) windows(one.get(i))[j];
          Row actual = (Row) windows(several.get(i))[j];
          assertThat(actual.getInt(0)).isEqualTo(expected.getInt(0));
          assertThat((float[]) actual.get(1))
              .containsExactly((float[]) expected.get(1), within(1e-5f));
        }
      }
    }
  }

  @Test
  public void windowsOfSeveralRowsFillABatch() throws IOException {
    List<Row> clips = List.of(row("a", clip(64)), row("b", clip(16)), row("c", clip(64)));
    List<Row> nothing = List.of(row("", null), row("", null), row("", null));
    try (ClipEncoder encoder = open(3)) {
      assertThat(rowsTakenForTheFirst(clips, encoder)).isEqualTo(2);
      assertThat(rowsTakenForTheFirst(nothing, encoder)).isEqualTo(1);
      List<Row> sparse = new ArrayList<>(List.of(row("b", clip(16))));
      sparse.addAll(nothing);
      assertThat(rowsTakenForTheFirst(sparse, encoder))
          .as("no more rows than a batch has windows")
          .isEqualTo(3);
    }
  }

  private static int rowsTakenForTheFirst(List<Row> rows, ClipEncoder encoder) {
    AtomicInteger taken = new AtomicInteger();
    Iterator<Row> counted = rows.stream().peek(row -> taken.incrementAndGet()).iterator();
    new EmbeddedRows(counted, 1, encoder, OPTIONS, () -> {}).next();
    return taken.get();
  }

  @Test
  public void aClipWhoseFramesAreDamagedIsNamed() {
    Row damaged = clip(new byte[64][7], "jpeg");

    assertThatThrownBy(() -> embed(List.of(row("fine", clip(16)), row("id1/v/0", damaged)), 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot decode clip id1/v/0: Invalid frame: 7 bytes (must be a JPEG image)");
  }

  private List<Row> embed(List<Row> rows, int batchSize) throws IOException {
    AtomicInteger ended = new AtomicInteger();
    List<Row> embedded = new ArrayList<>();
    try (ClipEncoder encoder = open(batchSize)) {
      new EmbeddedRows(rows.iterator(), 1, encoder, OPTIONS, ended::incrementAndGet)
          .forEachRemaining(embedded::add);
    }
    assertThat(ended).hasValue(1);
    return embedded;
  }

  private ClipEncoder open(int batchSize) throws IOException {
    return ClipEncoder.open(hadoop, EncoderModel.find(hadoop, run), batchSize, Device.cpu());
  }

  private static Object[] windows(Row row) {
    return (Object[]) row.get(2);
  }

  private static Row row(String id, Row clip) {
    return new GenericRowWithSchema(new Object[] {id, clip}, ROW);
  }

  /** As Spark gives them to functions, with a sequence of Scala's. */
  private static Row clip(byte[][] images, String format) {
    Object frames = JavaConverters.asScalaBufferConverter(List.of(images)).asScala().toSeq();
    return new GenericRowWithSchema(new Object[] {frames, format, SIDE, SIDE}, EmbedClips.CLIP);
  }

  private Row clip(int frames) {
    byte[][] images = new byte[frames][SIDE * SIDE * 3];
    for (byte[] image : images) {
      random.nextBytes(image);
    }
    return clip(images, "raw");
  }
}
