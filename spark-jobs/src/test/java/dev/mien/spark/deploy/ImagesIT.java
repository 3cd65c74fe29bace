package dev.mien.spark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What the images are made of, as far as it can be seen without an engine to make them. */
public class ImagesIT {

  private static final Path ROOT = Script.DEPLOY.getParent();

  @DataProvider
  public Object[][] images() {
    return new Object[][] {{"Dockerfile"}, {"Dockerfile.cuda"}};
  }

  @Test(dataProvider = "images")
  public void everythingCopiedIsThereAfterABuildAndIsSentToTheEngine(String image)
      throws IOException {
    List<String> sent =
        Files.readAllLines(ROOT.resolve(".dockerignore")).stream()
            .filter(line -> line.startsWith("!"))
            .map(line -> line.substring(1))
            .toList();
    List<String> copied = new ArrayList<>();
    for (String[] step : steps(image)) {
      if (step[0].equals("COPY") && !step[1].startsWith("--from=")) {
        assertThat(step).as(String.join(" ", step)).hasSize(4);
        assertThat(step[1]).as("whatever the mask that it was built with").isEqualTo("--chmod=755");
        copied.add(step[2]);
      }
    }
    assertThat(copied).hasSize(5);
    for (String path : copied) {
      assertThat(ROOT.resolve(path)).exists();
      assertThat(sent).as(path).anyMatch(name -> Path.of(path).startsWith(name));
    }
    for (String program : List.of("deploy/kubernetes/entrypoint", "deploy/gpu/discover-gpus")) {
      assertThat(copied).contains(program);
      assertThat(ROOT.resolve(program)).isExecutable();
    }
  }

  /** A number, since Kubernetes cannot tell whether a name is root's. */
  @Test(dataProvider = "images")
  public void basesAreNamedByVersionAndTheUserIsNotRoot(String image) throws IOException {
    List<String[]> steps = steps(image);
    assertThat(steps)
        .filteredOn(step -> step[0].equals("FROM"))
        .isNotEmpty()
        .allMatch(step -> step[1].matches("[a-z/-]+:\\d+\\.\\d+[\\w.-]+"));
    assertThat(steps.stream().filter(step -> step[0].equals("USER")).map(step -> step[1]))
        .containsExactly("10001:10001");
  }

  @Test
  public void bothImagesHoldTheSame() throws IOException {
    assertThat(steps("Dockerfile.cuda").stream().map(List::of).toList())
        .containsSubsequence(steps("Dockerfile").stream().skip(1).map(List::of).toList());
  }

  @Test
  public void theEntryPointRunsADriver() throws Exception {
    Path settings = Files.createTempFile("spark", ".properties");
    Files.writeString(settings, "spark.master local[1]\nspark.driver.host 127.0.0.1\n");
    Script.Ended ended =
        Script.run(
            Map.of(
                "SPARK_HOME",
                System.getProperty("mien.spark.home"),
                "SPARK_DRIVER_BIND_ADDRESS",
                "127.0.0.1"),
            "kubernetes/entrypoint",
            "driver",
            "--properties-file",
            settings.toString(),
            "--class",
            "dev.mien.spark.cli.Mien",
            System.getProperty("mien.jar"),
            "--version");
    Files.delete(settings);
    assertThat(ended.exit()).as(ended.said()).isZero();
    assertThat(ended.said()).contains("mien ");
  }

  /** Instructions with their words; continued lines are one. */
  private static List<String[]> steps(String image) throws IOException {
    String text =
        Files.readString(Script.DEPLOY.resolve("kubernetes/" + image)).replace("\\\n", " ");
    return Stream.of(text.split("\n"))
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> line.split("\\s+"))
        .toList();
  }
}
