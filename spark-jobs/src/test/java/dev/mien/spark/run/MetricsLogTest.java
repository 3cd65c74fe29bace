package dev.mien.spark.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class MetricsLogTest {

  private final Configuration hadoop = new Configuration();
  private String run;

  @BeforeMethod
  public void makeRun() throws IOException {
    run = Files.createTempDirectory("run").toUri().toString();
  }

  @Test
  public void aResumedRunHasEachLineOnce() throws IOException {
    MetricsLog first = MetricsLog.resume(hadoop, run, 0);
    add(first, MetricsLog.VALIDATION, 0);
    for (long round = 1; round <= 5; round++) {
      add(first, MetricsLog.ROUND, round);
      add(first, MetricsLog.VALIDATION, round);
    }

    MetricsLog resumed = MetricsLog.resume(hadoop, run, 3);
    add(resumed, MetricsLog.VALIDATION, 3);
    add(resumed, MetricsLog.ROUND, 4);

    assertThat(lines())
        .containsExactly(
            "validation 0",
            "round 1",
            "validation 1",
            "round 2",
            "validation 2",
            "round 3",
            "validation 3",
            "round 4");
  }

  @Test
  public void partsFollowOnEachOther() throws IOException {
    long last = MetricsLog.ROUNDS_PER_PART + 2;
    MetricsLog log = MetricsLog.resume(hadoop, run, MetricsLog.ROUNDS_PER_PART - 1);
    for (long round = MetricsLog.ROUNDS_PER_PART; round <= last; round++) {
      add(log, MetricsLog.ROUND, round);
    }

    MetricsLog resumed = MetricsLog.resume(hadoop, run, MetricsLog.ROUNDS_PER_PART);
    add(resumed, MetricsLog.ROUND, MetricsLog.ROUNDS_PER_PART + 1);

    assertThat(lines())
        .containsExactly(
            "round " + MetricsLog.ROUNDS_PER_PART, "round " + (MetricsLog.ROUNDS_PER_PART + 1));
  }

  @Test
  public void aRunResumedWhereAPartEndsHasItsValidationOnce() throws IOException {
    long end = MetricsLog.ROUNDS_PER_PART;
    MetricsLog first = MetricsLog.resume(hadoop, run, end - 1);
    add(first, MetricsLog.ROUND, end);
    add(first, MetricsLog.VALIDATION, end);
    add(first, MetricsLog.ROUND, end + 1);

    MetricsLog resumed = MetricsLog.resume(hadoop, run, end);
    add(resumed, MetricsLog.VALIDATION, end);
    add(resumed, MetricsLog.ROUND, end + 1);

    assertThat(lines()).containsExactly("round " + end, "validation " + end, "round " + (end + 1));
  }

  @Test
  public void aLastLineThatAKillCutShortIsNone() throws IOException {
    MetricsLog log = MetricsLog.resume(hadoop, run, 0);
    add(log, MetricsLog.ROUND, 1);
    add(log, MetricsLog.ROUND, 2);
    Path part = Path.of(URI.create(run)).resolve("metrics/part-00000000.jsonl");
    String whole = Files.readString(part);
    Files.writeString(part, whole.substring(0, whole.length() - 4));

    assertThat(lines()).containsExactly("round 1");
    add(MetricsLog.resume(hadoop, run, 1), MetricsLog.ROUND, 2);
    assertThat(Files.readString(part)).isEqualTo(whole);
    assertThat(part.resolveSibling(part.getFileName() + ".writing")).doesNotExist();
  }

  @Test
  public void aRunWithoutASchemeGoesOnWithItsLines() throws IOException {
    add(MetricsLog.resume(hadoop, run, 0), MetricsLog.ROUND, 1);
    String bare = Path.of(URI.create(run)).toString();

    add(MetricsLog.resume(hadoop, bare, 1), MetricsLog.ROUND, 2);

    assertThat(lines()).containsExactly("round 1", "round 2");
  }

  @Test
  public void aFullLocalDiskIsAnExceptionAsAnyOther() throws IOException {
    MetricsLog log = MetricsLog.resume(hadoop, run, 0);
    Path folder = Files.createDirectories(Path.of(URI.create(run)).resolve("metrics"));
    Files.createSymbolicLink(folder.resolve("part-00000000.jsonl.writing"), Path.of("/dev/full"));

    assertThatThrownBy(() -> add(log, MetricsLog.ROUND, 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left on device");
  }

  private static void add(MetricsLog log, String kind, long round) throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("kind", kind);
    line.put("round", round);
    log.add(line);
  }

  private List<String> lines() throws IOException {
    return MetricsLog.read(hadoop, run).stream()
        .map(line -> line.get("kind").getAsString() + " " + line.get("round").getAsLong())
        .toList();
  }
}
