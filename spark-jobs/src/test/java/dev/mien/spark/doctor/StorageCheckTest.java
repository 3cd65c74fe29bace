package dev.mien.spark.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class StorageCheckTest {

  private final Configuration hadoop = new Configuration();
  private Path folder;
  private Path dataset;

  @BeforeMethod
  public void prepare() throws IOException {
    folder = Files.createTempDirectory("storage");
    dataset = folder.resolve("new/dataset");
  }

  @AfterMethod(alwaysRun = true)
  public void delete() {
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void whatProbesMadeIsGoneAfterTheLastOne() {
    ProbedFolders probed = ProbedFolders.of(hadoop, List.of(dataset.toString()));
    probe();
    // Another process finds the folder there and is at work in it.
    assertThat(dataset).isEmptyDirectory();
    probe();
    probed.remove();

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  public void whatAJobWritesMeanwhileStays() throws IOException {
    Path written = dataset.resolve("clips/part-0");
    ProbedFolders probed = ProbedFolders.of(hadoop, List.of(dataset.toString()));
    probe();
    Files.createDirectories(written.getParent());
    Files.writeString(written, "of another job");
    probed.remove();

    assertThat(written).hasContent("of another job");
  }

  @Test
  public void aFolderThatWasThereStays() throws IOException {
    Files.createDirectories(dataset);
    ProbedFolders probed = ProbedFolders.of(hadoop, List.of(dataset.toString()));
    probe();
    probed.remove();

    assertThat(dataset).isEmptyDirectory();
  }

  @Test
  public void aFolderThatTheDriverDoesNotShareIsTold() throws IOException {
    Path elsewhere = Files.createDirectories(folder.resolve("of-another-machine"));
    ProbedFolders probed = ProbedFolders.of(hadoop, List.of(dataset.toString()));
    String left = probed.leave(List.of(dataset.toString()));

    StorageCheck executor = new StorageCheck(hadoop, left);
    assertThat(executor.of("dataset", dataset.toString()).isWell()).isTrue();
    assertThat(executor.of("dataset", elsewhere.toString()).found())
        .isEqualTo(
            "file:"
                + elsewhere
                + " is another folder here than on the driver's machine (mount one on all machines,"
                + " or use a file system of the cluster)");
    probed.remove();
    assertThat(folder).isDirectoryNotContaining("glob:**/new");
  }

  private void probe() {
    Finding finding = new StorageCheck(hadoop, "").of("dataset", dataset.toString());
    assertThat(finding.isWell()).as(finding.toString()).isTrue();
  }
}
