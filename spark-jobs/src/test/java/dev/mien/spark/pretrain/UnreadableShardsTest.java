package dev.mien.spark.pretrain;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.model.parameters.ParameterVector;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.pretrain.sample.Holdout;
import dev.mien.spark.run.MetricsLog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Column;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Runs on a dataset of which some or all frames cannot be read. */
public class UnreadableShardsTest extends NoiseRunsFixture {

  @Test
  public void validationPassesOverWhatCannotBeRead() throws IOException {
    String[] settings = {
      "training { validation-fraction = 0.5, validate-every = 1, unreadable-shards = skip }"
    };
    List<String> heldOut = heldOut(settings);
    assertThat(heldOut).hasSizeGreaterThan(1);
    copy("dataset", "partly-broken");
    damage("partly-broken", heldOut.get(0));
    job(settings).start(uri("partly-broken"), uri("partly-validated"));
    assertThat(lines("partly-validated", MetricsLog.VALIDATION))
        .isNotEmpty()
        .allMatch(line -> line.get("clips").getAsInt() == 2 * (heldOut.size() - 1));

    copy("dataset", "broken");
    for (String person : heldOut) {
      damage("broken", person);
    }
    job(settings).start(uri("broken"), uri("not-validated"));

    assertThat(lines("not-validated", MetricsLog.VALIDATION)).isEmpty();
    assertThat(lines("not-validated", MetricsLog.ROUND)).isNotEmpty();
    assertThat(newest("not-validated").manifest().figures())
        .containsKey("loss")
        .doesNotContainKey("validation_loss");
  }

  /** What replicas send and keep. */
  @DataProvider
  public Object[][] averaging() {
    return new Object[][] {
      {"averaging { inner-state = average, exchange = float32 }"},
      {"averaging { inner-state = local, exchange = int8, outer.kind = nesterov }"},
    };
  }

  @Test(dataProvider = "averaging")
  public void aRoundWithoutAnythingToReadStopsTheRunWhichGoesOnLater(String averaging)
      throws IOException {
    String[] settings = {averaging, "training.unreadable-shards = skip"};
    String name = "unread" + averaging.hashCode();
    start(name, settings);
    ParameterVector fourth = model(name, 4);
    ParameterVector sixth = model(name, 6);
    forget(name, 5, 6);
    String unreadable = name + "-dataset"; // another one, of which nothing is in memory
    copy("dataset", unreadable);
    for (String person : PEOPLE) {
      damage(unreadable, person);
    }

    assertThatThrownBy(() -> job(settings).resume(uri(unreadable), uri(name), Set.of("dataset")))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContainingAll(
            "Stopped in round 5 of 6, none of the round's clips could be read: Cannot read",
            "checkpoint round-00000004 has all that was finished (go on with --resume)");
    assertThat(newest(name).manifest().round()).isEqualTo(4);
    assertThat(newest(name).parameters()).isEqualTo(fourth);

    job(settings).resume(uri("dataset"), uri(name), Set.of("dataset"));
    assertThat(newest(name).parameters()).as("as if it had not been away").isEqualTo(sixth);
  }

  /** Columns of the clips table, and what may be wrong with them. */
  @DataProvider
  public Object[][] misfits() {
    return new Object[][] {
      {"images", "transform(images, frame -> cast('none' AS BINARY))"},
      {"regions", "substring(regions, 1, 3136)"}, // of the first frame only
    };
  }

  @Test(dataProvider = "misfits")
  public void aClipThatIsNoneIsNamedOrPassedOver(String column, String misfit) throws IOException {
    String dataset = "misfit-" + column;
    copy("dataset", dataset);
    FaceVideoDataset whole = FaceVideoDataset.open(spark, uri(dataset));
    Column one = col("person_id").equalTo(PEOPLE.get(0));
    whole.publish(
        whole.videos().where(one),
        whole.tracks().limit(0),
        whole.clips().where(one).withColumn(column, expr(misfit)));
    String all = "training.validation-fraction = 0";

    assertThatThrownBy(() -> job(all).start(uri(dataset), uri("stopped-by-" + column)))
        .hasStackTraceContaining("Cannot decode clip v-%s-t0-c", PEOPLE.get(0));

    String run = "passed-over-" + column;
    job(all, "training.unreadable-shards = skip").start(uri(dataset), uri(run));
    assertThat(
            lines(run, MetricsLog.ROUND).stream()
                .mapToLong(line -> line.get("skipped_clips").getAsLong())
                .sum())
        .isPositive();
  }

  private List<String> heldOut(String... settings) {
    return Holdout.of(index("dataset").clips(), configuration(settings)).validation().stream()
        .map(clip -> clip.personId())
        .distinct()
        .toList();
  }

  private ClipIndex index(String dataset) {
    return ClipIndex.read(spark, FaceVideoDataset.open(spark, uri(dataset)));
  }

  /** Makes a person's frames unreadable. */
  private void damage(String dataset, String person) throws IOException {
    Set<String> files =
        index(dataset).clips().stream()
            .filter(clip -> clip.personId().equals(person))
            .map(clip -> clip.location().rowGroup().file())
            .collect(Collectors.toSet());
    for (String file : files) {
      ColumnChunkMetaData frames = frames(file);
      Path path = Path.of(URI.create(file));
      try (RandomAccessFile bytes = new RandomAccessFile(path.toFile(), "rw")) {
        bytes.seek(frames.getStartingPos());
        bytes.write(new byte[(int) frames.getTotalSize()]);
      }
      Files.deleteIfExists(path.resolveSibling("." + path.getFileName() + ".crc"));
    }
  }

  private ColumnChunkMetaData frames(String file) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(URI.create(file)), hadoop()))) {
      return reader.getFooter().getBlocks().get(0).getColumns().stream()
          .filter(column -> column.getPath().toDotString().startsWith("images"))
          .findFirst()
          .orElseThrow();
    }
  }
}
