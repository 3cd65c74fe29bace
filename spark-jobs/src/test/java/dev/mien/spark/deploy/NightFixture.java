package dev.mien.spark.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;

/** Settings of a night in a folder of their own, and what its hook was told. */
abstract class NightFixture {

  Path folder;

  @BeforeMethod
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("nightly");
  }

  @AfterMethod(alwaysRun = true)
  public void deleteFolder() throws IOException {
    FileUtil.fullyDelete(folder.toFile());
  }

  /** A file of settings with these lines last. */
  Path settings(String... lines) throws IOException {
    Path told = folder.resolve("told");
    Path hook = Script.program(folder.resolve("hook"), "echo \"$@\" >>" + told);
    Files.deleteIfExists(told);
    return Files.write(
        folder.resolve("nightly.conf"),
        Stream.concat(
                Stream.of(
                    "inputs=(" + folder.resolve("videos").toUri() + ")",
                    "dataset=" + folder.resolve("dataset").toUri(),
                    "state=" + folder.resolve("state"),
                    "on_failure=(" + hook + ")"),
                Stream.of(lines))
            .toList());
  }

  /** The arguments of each call of the hook, a line a call. */
  List<String> told() throws IOException {
    return Files.readAllLines(folder.resolve("told"));
  }
}
