package dev.mien.spark.forget;

import static dev.mien.spark.dataset.StoredRows.processed;
import static dev.mien.spark.dataset.StoredRows.publish;
import static dev.mien.spark.forget.ErasableDataset.GONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.MeetingFileSystem;
import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.ErasureMark;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.redundancy.NearDuplicates;
import dev.mien.spark.redundancy.RedundancyJob;
import dev.mien.spark.redundancy.SelectJob;
import dev.mien.spark.redundancy.SubsetOptions;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.Test;

/** An erasure while another session writes; a few minutes, and not in {@code verify}. */
public class ConcurrentErasureCheck extends ErasureFixture {

  @Test
  public void aVideoThatIsPublishedDuringTheErasureGoesToo() throws Exception {
    SparkSession another = spark.newSession();
    List<ForgetReport> reports = new ArrayList<>();

    MeetingFileSystem.meet(
        spark,
        "_erasure.*",
        1,
        () ->
            publish(
                another,
                FaceVideoDataset.open(another, data.uri()),
                processed("dev/mp4/id00012/fourth/00001.mp4", "aaaa4444", GONE),
                processed("dev/mp4/id00016/new/00001.mp4", "dddd1111", "id00016")),
        () -> reports.add(data.job().run(PERSON)));

    assertThat(data.traces()).isEmpty();
    assertThat(data.search("fourth/00001", "aaaa4444")).isEmpty();
    assertThat(data.others()).isEqualTo(others);
    assertThat(data.open().clips().where("person_id = 'id00016'").count()).isEqualTo(2);
    assertThat(data.open().videos().where("person_id = 'id00016'").count()).isEqualTo(1);
    assertThat(reports.get(0).videos())
        .hasSize(5)
        .contains("file:/in/dev/mp4/id00012/fourth/00001.mp4");
    assertThat(reports.get(0).stores())
        .extracting(ForgetReport.Store::rows)
        .containsExactly(4L, 4L);
    assertThat(data.marks()).isEmpty();
  }

  @Test
  public void whatIsMadeOfTheDatasetMeanwhileIsNotKept() throws Exception {
    data.delete("dataset/subsets/all");
    data.delete("embeddings");
    SparkSession another = spark.newSession();
    ForgetJob forget = new ForgetJob(another, data.uri(), List.of(), List.of());

    MeetingFileSystem.meet(
        spark,
        "subsets/late/part-.*",
        1,
        () -> forget.run(PERSON),
        () ->
            assertThatThrownBy(
                    () -> new SelectJob(spark).run(data.uri(), "late", new SubsetOptions(20, 1, 1)))
                .isInstanceOf(ConcurrentPublicationException.class)
                .hasMessageStartingWith("Did not keep subset late of version "));
    assertThat(data.traces()).isEmpty();
    assertThat(data.folder().resolve("dataset/subsets/late")).doesNotExist();

    ErasureMark.set(spark, data.uri(), "person id00013");
    assertThatThrownBy(() -> new RedundancyJob(spark).run(data.uri(), 20))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessageStartingWith("Did not keep the near-duplicates of version ");
    assertThat(NearDuplicates.read(spark, data.open(), 1, 1)).isEmpty();
  }
}
