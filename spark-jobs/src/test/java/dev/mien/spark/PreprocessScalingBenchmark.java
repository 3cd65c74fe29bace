package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.local.LocalCluster;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.hadoop.fs.FileUtil;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * Prints how much faster two executors of one core preprocess than one: {@code mvn -Pchecks verify
 * -Dit.test=PreprocessScalingBenchmark}, with {@code -Dcopies=N} for more videos.
 *
 * <p>Each number of executors preprocesses few copies of a sample and then many, each time into a
 * fresh dataset. What both runs share is start-up (Spark, the executors, their models, the
 * commits); the difference is what the further copies cost, and that is what is compared.
 */
public class PreprocessScalingBenchmark {

  private static final Path SAMPLE = Path.of("../samples/dev/mp4/id90001/cap13/00001.mp4");
  private static final int FRAMES = 765;
  private static final int FEW = 2;
  private static final double BOUND = 1.85;

  private final int many = FEW + Integer.getInteger("copies", 16);
  private Path folder;
  private LocalCluster cluster;

  @BeforeClass
  public void start() throws IOException {
    folder = Files.createTempDirectory("scaling");
    copies("few", FEW);
    copies("many", many);
    cluster =
        LocalCluster.start(
            Path.of(System.getProperty("mien.spark.home")),
            Files.createDirectories(folder.resolve("cluster")),
            Path.of("../conf/spark/log4j2.properties"),
            List.of(new LocalCluster.Worker(1, "2g"), new LocalCluster.Worker(1, "2g")));
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws IOException {
    if (cluster != null) {
      cluster.close();
    }
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void measure() throws Exception {
    System.out.printf(
        "%-9s %8s %8s %12s %12s%n", "executors", "few s", "many s", "per video s", "frames/s");
    double one = measure(1);
    double two = measure(2);
    System.out.printf(
        "Two executors do %.2f times what one does (bound %.2f: %s)%n",
        one / two, BOUND, one / two >= BOUND ? "met" : "NOT MET");
  }

  /** Seconds for each further video. */
  private double measure(int executors) throws Exception {
    double few = preprocess("few", executors);
    double all = preprocess("many", executors);
    double each = (all - few) / (many - FEW);
    System.out.printf("%-9d %8.1f %8.1f %12.2f %12.0f%n", executors, few, all, each, FRAMES / each);
    return each;
  }

  private double preprocess(String input, int executors) throws Exception {
    long start = System.nanoTime();
    Process job =
        cluster
            .submit(
                List.of(
                    "--driver-memory",
                    "1g",
                    "--total-executor-cores",
                    Integer.toString(executors),
                    "--class",
                    "dev.mien.spark.cli.Mien",
                    System.getProperty("mien.jar"),
                    "preprocess",
                    "--input",
                    folder.resolve(input).toUri().toString(),
                    "--dataset",
                    folder.resolve(input + "-by-" + executors).toUri().toString()))
            .redirectErrorStream(true)
            .start();
    String said = new String(job.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(job.waitFor()).as(said).isZero();
    return (System.nanoTime() - start) / 1e9;
  }

  /** The sample several times, told apart by a box at the end that players skip. */
  private void copies(String name, int count) throws IOException {
    Path target = Files.createDirectories(folder.resolve(name));
    for (int i = 0; i < count; i++) {
      Path copy = Files.copy(SAMPLE, target.resolve("copy%03d.mp4".formatted(i)));
      byte[] box = "....free....".getBytes(StandardCharsets.US_ASCII);
      ByteBuffer.wrap(box).putInt(0, box.length).putInt(8, i);
      try (OutputStream end = Files.newOutputStream(copy, StandardOpenOption.APPEND)) {
        end.write(box);
      }
    }
  }
}
