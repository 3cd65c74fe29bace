package dev.mien.spark.dataset;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.MeetingFileSystem;
import dev.mien.spark.config.MienConfiguration;
import io.delta.tables.DeltaTable;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class FaceVideoDatasetTest {

  private SparkSession spark;
  private String uri;

  @BeforeClass
  public void start() {
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @BeforeMethod
  public void makeFolder() throws IOException {
    uri = Files.createTempDirectory("dataset").toUri().toString();
  }

  @Test
  public void aBatchIsInAllThreeTablesOrInNone() {
    FaceVideoDataset empty = FaceVideoDataset.openOrCreate(spark, uri);
    FaceVideoDataset one = publish(empty, "a");

    assertThat(ids(one.videos(), "video_id")).containsExactly("a");
    assertThat(ids(one.clips(), "clip_id")).containsExactly("a-c");
    assertThat(empty.clips().count()).isZero();

    // A job that was killed before its commit to videos leaves rows like these behind.
    clips("b").write().format("delta").mode("append").save(uri + "clips");
    FaceVideoDataset after = FaceVideoDataset.open(spark, uri);
    assertThat(after.version()).isEqualTo(one.version());
    assertThat(ids(after.clips(), "clip_id")).containsExactly("a-c");

    FaceVideoDataset two = publish(after, "c");
    assertThat(ids(two.clips(), "clip_id")).containsExactly("a-c", "c-c");
  }

  @Test
  public void aVideoThatComesAgainReplacesItself() {
    FaceVideoDataset one = publish(FaceVideoDataset.openOrCreate(spark, uri), "a");

    FaceVideoDataset two =
        one.publish(
            spark.createDataFrame(List.of(video("a", "a2")), Tables.VIDEOS),
            empty(Tables.TRACKS),
            clips("a2"));

    assertThat(ids(two.videos(), "video_id")).containsExactly("a2");
    assertThat(ids(two.clips(), "clip_id")).containsExactly("a2-c");
    assertThat(ids(one.clips(), "clip_id")).containsExactly("a-c");
  }

  @Test
  public void aDuplicateThatChangesLeavesTheOriginalsClips() {
    FaceVideoDataset one = publish(FaceVideoDataset.openOrCreate(spark, uri), "a");
    Row duplicate = video("copy-of-a", "a", "rejected");
    FaceVideoDataset two =
        one.publish(
            spark.createDataFrame(List.of(duplicate), Tables.VIDEOS),
            empty(Tables.TRACKS),
            empty(Tables.CLIPS));

    FaceVideoDataset three =
        two.publish(
            spark.createDataFrame(List.of(video("copy-of-a", "b")), Tables.VIDEOS),
            empty(Tables.TRACKS),
            clips("b"));

    assertThat(ids(three.clips(), "clip_id")).containsExactly("a-c", "b-c");
  }

  @Test
  public void anOldVersionCanBeOpened() {
    FaceVideoDataset one = publish(FaceVideoDataset.openOrCreate(spark, uri), "a");
    publish(one, "b");

    FaceVideoDataset old = FaceVideoDataset.open(spark, uri, one.version().videos());

    assertThat(ids(old.clips(), "clip_id")).containsExactly("a-c");
    assertThatThrownBy(() -> FaceVideoDataset.open(spark, uri, 99))
        .hasMessageStartingWith("Dataset " + uri + " has no version 99");
  }

  @Test
  public void theIndexFindsEachClipInItsRowGroup() throws IOException {
    FaceVideoDataset dataset =
        publish(publish(FaceVideoDataset.openOrCreate(spark, uri), "a", "b"), "c");

    ClipIndex index = ClipIndex.read(spark, dataset);

    assertThat(index.clips())
        .extracting(ClipEntry::clipId)
        .containsExactlyInAnyOrder("a-c", "b-c", "c-c");
    for (ClipEntry entry : index.clips()) {
      StoredClip clip =
          RowGroupReader.read(spark.sessionState().newHadoopConf(), entry.location().rowGroup())
              .get(entry.location().row());
      assertThat(clip.clipId()).isEqualTo(entry.clipId());
      assertThat(clip.images()).hasSize(2);
      assertThat(clip.images().get(1)).containsExactly(4, 5);
    }
  }

  @Test
  public void noDatasetIsSaidSo() {
    assertThatThrownBy(() -> FaceVideoDataset.open(spark, uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("No Mien dataset at " + uri);
  }

  @Test
  public void ofTwoRunsThatPublishOneWinsAndTheOtherIsTold() {
    FaceVideoDataset parent = publish(FaceVideoDataset.openOrCreate(spark, uri), "a");
    FaceVideoDataset first = publish(parent, "b");

    assertThatThrownBy(() -> publish(parent, "c"))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessage(
            "Cannot publish after version %s of dataset %s: another run published version %s",
            parent.version(), uri, first.version());
    assertThat(FaceVideoDataset.open(spark, uri).version()).isEqualTo(first.version());

    FaceVideoDataset second = publish(FaceVideoDataset.open(spark, uri), "c");
    assertThat(ids(second.videos(), "video_id")).containsExactly("a", "b", "c");
    assertThat(ids(second.clips(), "clip_id")).containsExactly("a-c", "b-c", "c-c");
  }

  @Test
  public void aRunWhoseRowsWereTakenBackPublishesThemNevertheless() {
    FaceVideoDataset parent = publish(FaceVideoDataset.openOrCreate(spark, uri), "a");
    Publication slow = new Publication(spark, uri, parent.version());
    slow.change("clips", table -> append("b"));
    Publication other = new Publication(spark, uri, parent.version());
    other.change("clips", table -> append("c"));

    slow.commit(table -> append(videos("b"), "videos"));

    assertThatThrownBy(() -> other.commit(table -> table.delete("uri = 'a'")))
        .isInstanceOf(ConcurrentPublicationException.class);
    FaceVideoDataset after = FaceVideoDataset.open(spark, uri);
    assertThat(ids(after.clips(), "clip_id")).containsExactly("a-c", "b-c");
    assertThat(ids(after.videos(), "video_id")).containsExactly("a", "b");
    assertThat(ids(spark.read().format("delta").load(uri + "clips"), "clip_id"))
        .as("the newest version of clips, which is what a vacuum keeps")
        .containsExactly("a-c", "b-c");
  }

  @Test
  public void rowsOfAnotherRunAreNotPublishedAlong() {
    FaceVideoDataset parent = publish(FaceVideoDataset.openOrCreate(spark, uri), "a");
    SparkSession another = spark.newSession();

    assertThatThrownBy(
            () ->
                new Publication(spark, uri, parent.version())
                    .change(
                        "clips",
                        table -> {
                          // While this run writes its files, another commits.
                          DeltaTable.forPath(another, uri + "clips").delete("video_id = 'a'");
                          append("d");
                        }))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessageEndingWith("another run changed its clips");
  }

  @Test
  public void aDeleteThatAnotherRunTookBackIsNotPublishedAsHalfAChange() {
    FaceVideoDataset parent = publish(FaceVideoDataset.openOrCreate(spark, uri), "a");
    SparkSession another = spark.newSession();

    assertThatThrownBy(
            () ->
                new Publication(spark, uri, parent.version())
                    .change(
                        "clips",
                        table -> {
                          table.delete("video_id = 'a'");
                          DeltaTable.forPath(another, uri + "clips")
                              .restoreToVersion(parent.version().clips());
                          append("a2");
                        }))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessageEndingWith("another run changed its clips");
  }

  @Test
  public void anErasureThatWasOvertakenTakesNothing() throws IOException {
    FaceVideoDataset parent = publish(FaceVideoDataset.openOrCreate(spark, uri), "a");
    Publication begun =
        new Publication(spark, uri, parent.version())
            .change("clips", table -> table.delete("video_id = 'a'"));
    FaceVideoDataset first = publish(parent, "b");

    assertThatThrownBy(
            () ->
                begun.commitAndMark(
                    table ->
                        table
                            .as("old")
                            .merge(videos("a").as("new"), "old.uri = new.uri")
                            .whenMatched()
                            .delete()
                            .execute()))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessageContaining("another run published version");
    assertThatThrownBy(() -> parent.erase(List.of("a"), List.of("a")))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessageEndingWith("another run published version " + first.version());

    FaceVideoDataset after = FaceVideoDataset.open(spark, uri);
    assertThat(after.version()).isEqualTo(first.version());
    assertThat(ids(after.videos(), "video_id")).containsExactly("a", "b");
    assertThat(ids(after.clips(), "clip_id")).containsExactly("a-c", "b-c");
  }

  @Test
  public void aDatasetOfWhichAKilledRunMadeHalfIsMadeWhole() {
    clips().write().format("delta").save(uri + "clips");
    append("stray");

    FaceVideoDataset dataset = publish(FaceVideoDataset.openOrCreate(spark, uri), "a");

    assertThat(ids(dataset.clips(), "clip_id")).containsExactly("a-c");
  }

  @Test
  public void refreshedRowsKeepTheirClips() {
    FaceVideoDataset one = publish(FaceVideoDataset.openOrCreate(spark, uri), "a", "b");

    FaceVideoDataset two =
        one.refresh(one.videos().where("uri = 'a'").withColumn("modified", lit(77L)));

    assertThat(ids(two.videos().where("modified = 77"), "uri")).containsExactly("a");
    assertThat(ids(two.clips(), "clip_id")).containsExactly("a-c", "b-c");
    assertThat(two.version().clips()).isEqualTo(one.version().clips());
  }

  @Test
  public void compactionIsANewVersionOfTheSameContent() {
    FaceVideoDataset small = FaceVideoDataset.openOrCreate(spark, uri);
    for (String id : List.of("a", "b", "c", "d")) {
      small = publish(small, id);
    }
    long bytes = bytes(small) / 4;

    assertThat(small.compact(bytes * 5).version())
        .as("no shard's worth")
        .isEqualTo(small.version());
    FaceVideoDataset compacted = small.compact(bytes * 3);

    assertThat(compacted.version().videos()).isGreaterThan(small.version().videos());
    assertThat(compacted.clips().inputFiles()).hasSize(2);
    assertThat(small.clips().inputFiles()).hasSize(4);
    assertThat(ids(small.clips(), "clip_id")).isEqualTo(ids(compacted.clips(), "clip_id"));
    assertThat(compacted.clips().exceptAll(small.clips()).isEmpty()).isTrue();
    assertThat(FaceVideoDataset.open(spark, uri).version()).isEqualTo(compacted.version());
    assertThat(ids(publish(compacted, "e").clips(), "clip_id"))
        .containsExactly("a-c", "b-c", "c-c", "d-c", "e-c");
  }

  @Test
  public void videosThatAnotherRunReplacesAreCompactedAnotherTime() throws Exception {
    FaceVideoDataset small = FaceVideoDataset.openOrCreate(spark, uri);
    for (String id : List.of("a", "b", "c", "d")) {
      small = publish(small, id);
    }
    FaceVideoDataset before = small;
    long bytes = bytes(before) / 4;
    SparkSession another = spark.newSession();

    MeetingFileSystem.meet(
        spark,
        "videos/part-.*",
        2, // after the one that publishes
        () -> {
          FaceVideoDataset newest = FaceVideoDataset.open(another, uri);
          newest.refresh(newest.videos().where("uri = 'a'").withColumn("modified", lit(77L)));
        },
        () -> assertThat(before.compact(bytes * 3).clips().inputFiles()).hasSize(2));

    FaceVideoDataset after = FaceVideoDataset.open(spark, uri);
    assertThat(ids(after.videos().where("modified = 77"), "uri")).containsExactly("a");
    assertThat(ids(after.videos(), "uri")).containsExactly("a", "b", "c", "d");
    assertThat(after.clips().inputFiles()).hasSize(2);
  }

  @Test
  public void aVacuumLeavesWhatWasNewestInItsTimeAndTakesTheRest() throws IOException {
    FaceVideoDataset one = publish(FaceVideoDataset.openOrCreate(spark, uri), "a");
    FaceVideoDataset two =
        one.publish(
            spark.createDataFrame(List.of(video("a", "a2")), Tables.VIDEOS),
            empty(Tables.TRACKS),
            clips("a2"));
    append("killed");

    two.vacuum(Vacuum.LONGEST);
    assertThat(ids(one.clips(), "clip_id")).as("within 30 days").containsExactly("a-c");
    assertThat(spark.sql("SHOW TBLPROPERTIES delta.`%sclips`".formatted(uri)).collectAsList())
        .contains(RowFactory.create("delta.deletedFileRetentionDuration", "interval 30 days"));
    assertThat(Vacuum.count(spark, uri + "clips", Vacuum.LONGEST)).isZero();

    assertThat(parquetFiles("clips")).hasSizeGreaterThan(2);
    assertThat(Vacuum.count(spark, uri + "clips", Duration.ZERO)).isPositive();
    two.vacuum(Duration.ZERO);
    assertThat(Vacuum.count(spark, uri + "clips", Duration.ZERO)).isZero();
    FaceVideoDataset left = FaceVideoDataset.open(spark, uri);
    assertThat(left.version()).isEqualTo(two.version());
    assertThat(ids(left.videos(), "video_id")).containsExactly("a2");
    assertThat(ids(left.clips(), "clip_id")).containsExactly("a2-c");
    assertThat(parquetFiles("clips")).hasSize(1);
    assertThatThrownBy(() -> ids(one.clips(), "clip_id")).hasStackTraceContaining("FileNotFound");
    assertThat(ids(publish(left, "b").clips(), "clip_id")).containsExactly("a2-c", "b-c");

    ErasureMark.set(spark, uri, "person a");
    assertThatThrownBy(() -> left.vacuum(Vacuum.LONGEST))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessageContaining("an erasure is under way");
  }

  private List<String> parquetFiles(String table) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(URI.create(uri + table)))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(n -> n.endsWith(".parquet"))
          .toList();
    }
  }

  private static long bytes(FaceVideoDataset dataset) {
    return Arrays.stream(dataset.clips().inputFiles())
        .mapToLong(file -> new File(URI.create(file)).length())
        .sum();
  }

  private void append(String id) {
    append(clips(id), "clips");
  }

  private void append(Dataset<Row> rows, String table) {
    rows.write().format("delta").mode("append").save(uri + table);
  }

  private Dataset<Row> videos(String... ids) {
    return spark.createDataFrame(
        List.of(ids).stream().map(id -> video(id, id)).toList(), Tables.VIDEOS);
  }

  private FaceVideoDataset publish(FaceVideoDataset dataset, String... ids) {
    return dataset.publish(videos(ids), empty(Tables.TRACKS), clips(ids));
  }

  private static Row video(String uri, String id) {
    return video(uri, id, "processed");
  }

  private static Row video(String uri, String id, String outcome) {
    return RowFactory.create(
        id,
        uri,
        1L,
        2L,
        "hash-" + id,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        1,
        1,
        1,
        1L,
        outcome,
        "",
        Map.of(),
        new Object[0],
        "pipeline",
        RowFactory.create(0.0, 0.0, 0.0, 0.0, 0.0, 0.0));
  }

  private Dataset<Row> clips(String... videoIds) {
    return spark.createDataFrame(
        List.of(videoIds).stream().map(FaceVideoDatasetTest::clip).toList(), Tables.CLIPS);
  }

  private static Row clip(String videoId) {
    return RowFactory.create(
        videoId + "-c",
        videoId + "-t",
        videoId,
        null,
        null,
        0,
        2,
        224,
        224,
        25.0,
        new long[] {0, 40},
        "jpeg",
        new Object[] {new byte[] {1, 2, 3}, new byte[] {4, 5}},
        new byte[2 * 56 * 56],
        new byte[0],
        RowFactory.create(1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f),
        new long[] {7});
  }

  private Dataset<Row> empty(StructType columns) {
    return spark.createDataFrame(Collections.<Row>emptyList(), columns);
  }

  private static List<String> ids(Dataset<Row> rows, String column) {
    return rows.select(column).orderBy(column).as(Encoders.STRING()).collectAsList();
  }
}
