package dev.mien.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.testng.annotations.Test;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

public class MienTest {

  @Test
  public void filesOfThisMachineAreAlsoNamedByUri() {
    assertThat(Mien.localPath("a b/report.html")).isEqualTo(Path.of("a b/report.html"));
    assertThat(Mien.localPath("file:///tmp/a%20b.json")).isEqualTo(Path.of("/tmp/a b.json"));
    assertThat(Mien.localPath("file:/tmp/a.json")).isEqualTo(Path.of("/tmp/a.json"));
  }

  @Test
  public void theHelpNamesEveryPreset() {
    String help = new CommandLine(new EmbedCommand()).setUsageHelpWidth(160).getUsageMessage();

    assertThat(help)
        .contains("One of tiny, marlin-small, marlin-base, marlin-large, videomae, svfap.");
  }

  @Test
  public void aFileElsewhereIsRefusedBeforeAnyWork() {
    assertThatThrownBy(() -> Mien.localPath("s3a://bucket/figures.json"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("Not a file of this machine: s3a://bucket/figures.json");
    assertThat(
            Mien.run(
                "evaluate",
                "--dataset=no-dataset",
                "--model=no-model",
                "--output=hdfs:///figures.json"))
        .isEqualTo(2);
  }
}
