package dev.mien.spark.dataset;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.CountingFileSystem;
import dev.mien.spark.dataset.clip.ChosenClips;
import dev.mien.spark.storage.WholeUri;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.testng.annotations.Test;

public class FaceVideoDatasetTest extends DatasetFixture {

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
  public void aVideoThatComesAgainReplacesItself() throws IOException {
    FaceVideoDataset one = first();

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
  public void rowsOfFormerVersionsAreReadFromWhatWasCommittedAlone() throws IOException {
    String bracketed = uri + "talk [2026]/";
    FaceVideoDataset one = publish(FaceVideoDataset.openOrCreate(spark, bracketed), "a");
    FaceVideoDataset two =
        one.publish(
            spark.createDataFrame(List.of(video("a", "a2")), Tables.VIDEOS),
            empty(Tables.TRACKS),
            clips("a2"));
    Path videos = Path.of(new org.apache.hadoop.fs.Path(bracketed, "videos").toUri().getPath());
    Files.writeString(videos.resolve("part-00000-of-a-task-that-was-killed.parquet"), "PAR1 cut");
    spark.sql(
        "ALTER TABLE delta.`%s` SET TBLPROPERTIES ('delta.deletedFileRetentionDuration' = 'interval 0 seconds')"
            .formatted(videos));

    assertThat(ids(two.videosOfAnyVersion(), "video_id")).containsExactly("a", "a2");
  }

  @Test
  public void chosenClipsAreReadOnceFromAFolderCalledAsAPattern() {
    String bracketed = uri + "talk [2026]/";
    FaceVideoDataset two =
        publish(publish(FaceVideoDataset.openOrCreate(spark, bracketed), "a"), "b");

    assertThat(two.clips().inputFiles()).hasSize(2);
    assertThat(ids(ChosenClips.read(two, List.of("a-c", "b-c")), "clip_id"))
        .containsExactly("a-c", "b-c");
  }

  @Test
  public void aDuplicateThatChangesLeavesTheOriginalsClips() throws IOException {
    FaceVideoDataset one = first();
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

  /** Delta commits no append that adds nothing. */
  @Test
  public void aBatchOfRejectsIsOneCommit() throws IOException {
    FaceVideoDataset one = first();
    TableLog tracks = new TableLog(spark, uri + "tracks");
    TableLog clips = new TableLog(spark, uri + "clips");
    List<Long> before = List.of(tracks.newest(), clips.newest());

    FaceVideoDataset two =
        one.publish(
            spark.createDataFrame(List.of(video("b", "b", "rejected")), Tables.VIDEOS),
            empty(Tables.TRACKS),
            empty(Tables.CLIPS));

    assertThat(two.version())
        .isEqualTo(
            new DatasetVersion(
                one.version().videos() + 1, one.version().tracks(), one.version().clips()));
    assertThat(List.of(tracks.newest(), clips.newest())).isEqualTo(before);
    assertThat(ids(two.clips(), "clip_id")).containsExactly("a-c");
  }

  @Test
  public void anOldVersionCanBeOpened() throws IOException {
    FaceVideoDataset one = first();
    publish(one, "b");

    FaceVideoDataset old = FaceVideoDataset.open(spark, uri, one.version().videos());

    assertThat(ids(old.clips(), "clip_id")).containsExactly("a-c");
    assertThatThrownBy(() -> FaceVideoDataset.open(spark, uri, 99))
        .hasMessageStartingWith("Dataset " + uri + " has no version 99");
  }

  @Test
  public void anOldVersionIsOpenedByItsOwnCommit() throws IOException {
    DatasetVersion old = first().version();
    Path log = Path.of(URI.create(uri + "videos/_delta_log"));
    for (long next = old.videos() + 1; next <= 40; next++) {
      Files.writeString(
          log.resolve("%020d.json".formatted(next)),
          """
          {"commitInfo":{"timestamp":1,"operation":"WRITE","operationParameters":{},\
          "userMetadata":"{\\"tracks\\":0,\\"clips\\":0,\\"attempt\\":\\"%d\\"}"}}
          """
              .formatted(next));
    }
    assertThat(FaceVideoDataset.open(spark, uri).version().videos()).isEqualTo(40);

    List<FaceVideoDataset> opened = new ArrayList<>();
    List<String> files =
        CountingFileSystem.opened(
            spark, () -> opened.add(FaceVideoDataset.open(spark, uri, old.videos())));

    assertThat(opened.get(0).version()).isEqualTo(old);
    assertThat(files)
        .filteredOn(file -> file.endsWith(".json"))
        .containsExactlyInAnyOrder(
            log.resolve("%020d.json".formatted(40)).toString(),
            log.resolve("%020d.json".formatted(old.videos())).toString());
  }

  @Test
  public void aRelativeFolderLiesInTheWorkingFolder() throws IOException {
    assertThat(WholeUri.of(spark, List.of("data/set", "/data/set", "hdfs://host/data/set")))
        .containsExactly(
            "file:" + Path.of("data/set").toAbsolutePath(), "/data/set", "hdfs://host/data/set");
  }

  @Test
  public void noDatasetIsSaidSo() {
    assertThatThrownBy(() -> FaceVideoDataset.open(spark, uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("No Mien dataset at " + uri);
  }

  @Test
  public void refreshedRowsKeepTheirClips() throws IOException {
    FaceVideoDataset one = publish(first(), "b", "c");

    FaceVideoDataset two =
        one.refresh(one.videos().where("uri = 'b'").withColumn("modified", lit(77L)));

    assertThat(ids(two.videos().where("modified = 77"), "uri")).containsExactly("b");
    assertThat(ids(two.videos(), "uri")).containsExactly("a", "b", "c");
    assertThat(ids(two.clips(), "clip_id")).containsExactly("a-c", "b-c", "c-c");
    assertThat(two.version().clips()).isEqualTo(one.version().clips());
  }

  @Test
  public void whatAUserHasAllCommitsSayIsNoVersion() throws IOException {
    FaceVideoDataset one = first();
    for (String said : List.of("team-faces", "{\"team\": \"faces\"}", "7")) {
      SessionSettings.with(
          spark,
          Map.of("spark.databricks.delta.commitInfo.userMetadata", said),
          () -> Purge.mark(spark, uri + "videos"));
    }

    assertThat(FaceVideoDataset.open(spark, uri).version()).isEqualTo(one.version());
    assertThat(ids(publish(FaceVideoDataset.open(spark, uri), "b").clips(), "clip_id"))
        .containsExactly("a-c", "b-c");
  }

  @Test
  public void compactionIsANewVersionOfTheSameContent() throws IOException {
    FaceVideoDataset small = fourSmallFiles();
    long bytes = bytes(small) / 4;

    assertThat(small.compact(bytes * 5).version())
        .as("no shard's worth")
        .isEqualTo(small.version());
    FaceVideoDataset compacted = small.compact(bytes * 3);

    assertThat(compacted.version().videos()).isGreaterThan(small.version().videos());
    assertThat(compacted.clips().inputFiles()).hasSize(2);
    assertThat(compacted.videos().inputFiles()).hasSizeLessThan(small.videos().inputFiles().length);
    assertThat(small.clips().inputFiles()).hasSize(4);
    assertThat(ids(small.clips(), "clip_id")).isEqualTo(ids(compacted.clips(), "clip_id"));
    assertThat(compacted.clips().exceptAll(small.clips()).isEmpty()).isTrue();
    assertThat(FaceVideoDataset.open(spark, uri).version()).isEqualTo(compacted.version());

    compacted.vacuum(Duration.ZERO);
    assertThat(ids(compacted.videos(), "uri")).containsExactly("a", "b", "c", "d");
    assertThat(ids(publish(compacted, "e").clips(), "clip_id"))
        .containsExactly("a-c", "b-c", "c-c", "d-c", "e-c");
  }

  @Test
  public void aVacuumLeavesTheVideosThatAKilledCompactionGathered() throws IOException {
    publish(first(), "b");
    DeltaTable.forPath(spark, uri + "videos").optimize().executeCompaction();

    FaceVideoDataset.open(spark, uri).vacuum(Duration.ZERO);

    assertThat(parquetFiles("videos")).hasSize(1);
    assertThat(ids(FaceVideoDataset.open(spark, uri).videos(), "uri")).containsExactly("a", "b");
  }

  @Test
  public void aVacuumLeavesWhatWasNewestInItsTimeAndTakesTheRest() throws IOException {
    FaceVideoDataset one = first();
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

    int files = parquetFiles("clips").size();
    assertThat(files).isGreaterThan(2);
    assertThat(Vacuum.count(spark, uri + "clips", Duration.ZERO)).isEqualTo(files - 1);
    two.vacuum(Duration.ZERO);
    FaceVideoDataset left = FaceVideoDataset.open(spark, uri);
    assertThat(left.version()).isEqualTo(two.version());
    assertThat(ids(left.videos(), "video_id")).containsExactly("a2");
    assertThat(ids(left.clips(), "clip_id")).containsExactly("a2-c");
    assertThat(parquetFiles("clips")).hasSize(1);
    assertThatThrownBy(() -> ids(one.clips(), "clip_id")).hasStackTraceContaining("FileNotFound");

    ErasureMark.set(spark, uri, "person a");
    assertThatThrownBy(() -> left.vacuum(Vacuum.LONGEST))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessageContaining("an erasure is under way");
  }
}
