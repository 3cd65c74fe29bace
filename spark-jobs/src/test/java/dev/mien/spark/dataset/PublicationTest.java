package dev.mien.spark.dataset;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.MeetingFileSystem;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.Test;

/** Runs that publish, compact and erase at the same time, or that were killed. */
public class PublicationTest extends DatasetFixture {

  @Test
  public void ofTwoRunsThatPublishOneWinsAndTheOtherIsTold() throws IOException {
    FaceVideoDataset parent = first();
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
  public void aRunWhoseRowsWereTakenBackPublishesThemNevertheless() throws IOException {
    FaceVideoDataset parent = first();
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
  public void rowsOfAnotherRunAreNotPublishedAlong() throws IOException {
    FaceVideoDataset parent = first();
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
  public void aDeleteThatAnotherRunTookBackIsNotPublishedAsHalfAChange() throws IOException {
    FaceVideoDataset parent = first();
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
    FaceVideoDataset parent = first();
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
    assertThatThrownBy(() -> new Erasure(spark, parent).run(List.of("a"), List.of("a")))
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
  public void videosThatAnotherRunReplacesAreCompactedAnotherTime() throws Exception {
    FaceVideoDataset before = fourSmallFiles();
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
}
