package dev.mien.spark.forget;

import static dev.mien.spark.dataset.StoredRows.processed;
import static dev.mien.spark.dataset.StoredRows.publish;
import static dev.mien.spark.forget.ErasableDataset.GONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.ErasureMark;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.redundancy.Subset;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifests;
import dev.mien.spark.run.Snapshots;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.testng.annotations.Test;

/** Erasures, and after each a search through every file that is left. */
public class ForgetJobTest extends ErasureFixture {

  @Test
  public void nothingOfAPersonIsLeftAndEverythingOfOthers() throws IOException {
    assertThat(data.traces().keySet())
        .as("what there is to be found before")
        .containsAll(
            List.of(GONE, "first/00001", "aaaa1111", "aaaa2222-t0-c0001", "a frame of aaaa2222"));
    FaceVideoDataset opened = data.open();
    Row late = processed("dev/mp4/id00016/new/00001.mp4", "dddd1111", "id00016");
    ErasureMark.set(spark, data.uri(), PERSON.name());
    assertThatThrownBy(() -> publish(spark, opened, late))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessageContaining("an erasure is under way");

    ForgetReport report = data.job().run(PERSON);

    assertThat(data.traces()).isEmpty();
    assertThat(data.others()).isEqualTo(others).hasSize(8);
    assertThat(report.videos())
        .containsExactly(
            "file:/in/dev/mp4/id00012/first/00001.mp4",
            "file:/in/dev/mp4/id00012/second/00001.mp4",
            "file:/in/dev/mp4/id00014/copy/00001.mp4",
            "file:/in/dev/mp4/id00017/former/00001.mp4");
    assertThat(report.clips()).isEqualTo(4);
    assertThat(report.stores()).extracting(ForgetReport.Store::rows).containsExactly(4L, 4L);
    assertThat(Subset.clipIds(spark, data.uri(), "all"))
        .containsExactlyInAnyOrder(
            "bbbb1111-t0-c0000", "bbbb1111-t0-c0001", "cccc1111-t0-c0000", "cccc1111-t0-c0001");
    FaceVideoDataset after = data.open();
    assertThatThrownBy(() -> FaceVideoDataset.open(spark, data.uri(), opened.version().videos()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no version " + opened.version());
    assertThatThrownBy(() -> publish(spark, opened, late))
        .as("a run that had opened the dataset before")
        .isInstanceOf(ConcurrentPublicationException.class);
    assertThat(data.marks()).as("not even of the one before").isEmpty();

    assertThat(publish(spark, after, late).clips().count()).isEqualTo(6);
    assertThat(data.others()).isEqualTo(others);
  }

  @Test
  public void whatAVideoWasBeforeItsFileChangedGoesToo() throws IOException {
    data.delete("dataset/subsets/all");
    data.embed(FaceVideoDataset.open(spark, data.uri(), 1));
    assertThat(data.search("aaaa2222").get("aaaa2222")).anyMatch(file -> file.contains("embed"));

    ForgetReport report =
        data.job().run(new Subject.Video("file:/in/dev/mp4/id00012/second/00001.mp4"));

    assertThat(data.search("second/00001", "aaaa2222", "aaaa3333")).isEmpty();
    assertThat(data.search("first/00001", "aaaa1111")).hasSize(2);
    assertThat(report.videos()).hasSize(2);
  }

  @Test
  public void oneErasureWaitsForAnother() throws IOException {
    ErasureMark other = ErasureMark.set(spark, data.uri(), "person id00013");
    Map<String, byte[]> before = data.files();

    assertThatThrownBy(() -> data.job().run(PERSON))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessageContaining(
            "another erasure is under way (wait until it is done; if it was killed")
        .hasMessageContaining(data.marks().get(0));
    assertThat(data.files()).usingRecursiveComparison().isEqualTo(before);
    assertThat(data.marks()).hasSize(1).noneMatch(mark -> mark.contains("id00013"));

    ErasureMark again = ErasureMark.set(spark, data.uri(), "person id00013");
    other.remove();
    assertThat(data.marks()).as("of the one that took over").hasSize(1);
    again.remove();
    assertThat(data.marks()).isEmpty();
  }

  @Test
  public void aDryRunChangesNothing() throws IOException {
    Subject video = new Subject.Video("file:/in/dev/mp4/id00013/other/00001.mp4");
    Map<String, byte[]> before = data.files();

    ForgetReport planned = data.job().plan(video);

    assertThat(planned.text()).startsWith("Would be forgotten: 1 videos, 1 tracks, 2 clips");
    assertThat(data.files()).usingRecursiveComparison().isEqualTo(before);
    assertThatThrownBy(() -> data.job().plan(new Subject.Person("id99999")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("holds nothing of person id99999");
    ErasureMark.set(spark, data.uri(), "person id99999");
    assertThat(data.job().plan(new Subject.Person("id99999")).videos())
        .as("of an erasure that was killed, and is to be finished")
        .isEmpty();
  }

  @Test
  public void runsThatSawThePersonAreNamed() throws IOException {
    long version = data.open().version().videos();
    String saw = run("saw", data.uri(), version, "");
    String spelt = run("spelt", data.uri().replaceFirst("^file:/*", "/"), version, "");
    String subset = run("subset", data.uri(), version, "all");
    String never = run("never", data.uri(), 0, "");
    String checkpoint = saw + "/checkpoints/round-00000001";
    String none = data.folder().resolve("none").toUri().toString();
    String other = run("other", data.folder().resolve("another").toUri().toString(), version, "");

    List<String> said =
        new ForgetJob(
                spark,
                data.uri(),
                List.of(),
                List.of(saw, subset, never, other, spelt, checkpoint, none))
            .plan(PERSON)
            .runs();

    assertThat(said).hasSize(7);
    assertThat(said.get(0)).startsWith("Run " + saw + " was trained on it");
    assertThat(said.get(1)).startsWith("Run " + subset + " was trained on it");
    assertThat(said.get(2)).isEqualTo("Run " + never + " was not trained on it");
    assertThat(said.get(3)).contains("was trained on another dataset");
    assertThat(said.get(4)).startsWith("Run " + spelt + " was trained on it");
    assertThat(said.get(5)).startsWith("Run " + checkpoint + " was trained on it");
    assertThat(said.get(6)).startsWith("Run " + none + ": cannot be told (No checkpoint at ");
  }

  private String run(String name, String dataset, long version, String subset) throws IOException {
    String run = data.folder().resolve(name).toUri().toString();
    MienConfiguration configuration =
        ErasableDataset.configuration("training.subset = \"" + subset + "\"");
    new Checkpoints(spark.sessionState().newHadoopConf(), run)
        .write(
            Manifests.of(1, configuration, dataset, version),
            Snapshots.of(TrainingState.initial(configuration.model(), 1)));
    return run;
  }
}
