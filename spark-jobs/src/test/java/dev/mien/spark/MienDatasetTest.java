package dev.mien.spark;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.sql.ColouredClips;
import dev.mien.spark.sql.Pixels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** A program that looks at a dataset, in a session that was not made for it. */
public class MienDatasetTest {

  private SparkSession spark;
  private Path folder;

  @BeforeClass
  public void writeDataset() throws IOException {
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
    folder = Files.createTempDirectory("open");
    ColouredClips.write(spark, uri());
  }

  @AfterClass(alwaysRun = true)
  public void removeDataset() throws IOException {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void theBlurriestClipsInFiveLines() throws IOException {
    MienDataset dataset = MienDataset.open(uri());
    Dataset<Row> blurred = dataset.clips().orderBy("quality.sharpness").limit(3);
    List<String> ids = blurred.select("clip_id").as(Encoders.STRING()).collectAsList();
    Dataset<Row> clips = dataset.clips(ids).orderBy("quality.sharpness");
    byte[] png = dataset.contactSheet(clips, col("quality.sharpness").cast("string"));

    BufferedImage sheet = Pixels.png(png);
    int side = ColouredClips.SIDE;
    assertThat(Pixels.cell(sheet, 0, 0, side, ContactSheet.BAND))
        .as("clip 5, of 20 frames")
        .isEqualTo(ColouredClips.colour(5, 10));
    assertThat(Pixels.cell(sheet, 2, 0, side, ContactSheet.BAND))
        .isEqualTo(ColouredClips.colour(3, 20));
    assertThat(dataset.videos().count()).isEqualTo(1);
    assertThat(dataset.tracks().count()).isZero();
  }

  @Test
  public void aClipIsDrawnByItsId() throws IOException {
    MienDataset dataset = MienDataset.open(uri());

    assertThat(Pixels.png(dataset.frames("c1")).getWidth())
        .isEqualTo(8 * ColouredClips.SIDE + 7 * ContactSheet.GAP);
    assertThat(dataset.overlay("c1", "regions+tube")).isNotEqualTo(dataset.frames("c1"));
    assertThat(dataset.animation("c1")).startsWith('G', 'I', 'F');
  }

  @Test
  public void argumentsAreTheSameWhereABackslashEscapesNothing() {
    MienDataset dataset = MienDataset.open(uri());
    byte[] overlay = dataset.overlay("c1", "regions+tube");
    spark.conf().set("spark.sql.parser.escapedStringLiterals", true);
    try {
      assertThat(dataset.overlay("c1", "regions+tube")).isEqualTo(overlay);
      assertThat(dataset.contactSheet(dataset.clips())).isNotEmpty();
      assertThatThrownBy(() -> dataset.overlay("c1", "it's a \\"))
          .hasMessageContaining("it's a \\ (must be");
    } finally {
      spark.conf().unset("spark.sql.parser.escapedStringLiterals");
    }
  }

  @Test
  public void whatCannotBeDrawnIsExplained() {
    MienDataset dataset = MienDataset.open(uri());

    assertThatThrownBy(() -> dataset.frames("c9"))
        .hasMessage("No clip c9 in %s, version %s".formatted(uri(), dataset.version()));
    assertThatThrownBy(() -> dataset.overlay("short", "tube"))
        .hasMessage("Clip short is too short for mien_overlay(struct(*), 'tube')");
    assertThatThrownBy(() -> dataset.overlay("c1", "it's")).hasMessageContaining("it's (must be");
    assertThatThrownBy(() -> dataset.contactSheet(dataset.clips().where("false")))
        .hasMessage("Invalid clips: there are none (must be at least one)");
    assertThatThrownBy(
            () -> dataset.contactSheet(dataset.clips().crossJoin(spark.range(1000).toDF())))
        .rootCause()
        .hasMessage("Invalid contact sheet: 1025 clips (must be at most 1024: add a LIMIT)");
    assertThatThrownBy(() -> MienDataset.open(folder + "/nowhere"))
        .hasMessageContaining("No Mien dataset at ");
  }

  private String uri() {
    return folder.resolve("dataset").toUri().toString();
  }
}
