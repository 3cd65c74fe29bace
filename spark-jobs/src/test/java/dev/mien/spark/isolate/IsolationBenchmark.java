package dev.mien.spark.isolate;

import com.sun.management.OperatingSystemMXBean;
import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.VideoPreprocessor;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.spark.Processes;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.IsolationOptions;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.testng.annotations.Test;

/**
 * Prints what it costs to decode in a process beside this one: {@code mvn -Pchecks verify
 * -Dit.test=IsolationBenchmark}.
 *
 * <p>Both ways a sample is gone through in turn, so that what else the machine does falls on both;
 * the least of each counts, after the first, in which Java compiles. All is processor time, of all
 * threads: of this process, or of this one and the one beside it.
 */
public class IsolationBenchmark {

  private static final int REPEATS = Integer.getInteger("repeats", 6);
  private static final double BOUND = 1.05;

  private final OperatingSystemMXBean here =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  @Test
  public void measure() throws Exception {
    Path folder = Files.createTempDirectory("isolation");
    DecodingSlotTest.Clips clips = new DecodingSlotTest.Clips();
    PreprocessingOptions options = PreprocessingOptions.defaults();
    DecodingSlot.Settings settings =
        new DecodingSlot.Settings(
            options,
            new IsolationOptions(Duration.ofMinutes(5), Duration.ofHours(1), 1L << 30),
            List.of(folder));
    double least = Double.MAX_VALUE;
    double leastBeside = Double.MAX_VALUE;
    try (VideoPreprocessor preprocessor = VideoPreprocessor.open(options);
        DecodingSlot slot = DecodingSlot.open(settings)) {
      for (int i = 0; i <= REPEATS; i++) {
        clips.drop();
        long start = here.getProcessCpuTime();
        VideoReport report =
            preprocessor.process(DecodingSlotTest.request(TestVideos.CAP12), clips::accept);
        double each = 1e6 * report.framesDecoded();
        double alone = (here.getProcessCpuTime() - start) / each;

        clips.drop();
        start = here.getProcessCpuTime() + nanosBeside();
        slot.decode(DecodingSlotTest.request(TestVideos.CAP12), clips);
        double beside = (here.getProcessCpuTime() + nanosBeside() - start) / each;
        System.out.printf(
            "%-8s %6.2f ms a frame here, %6.2f beside%n",
            i == 0 ? "start" : "pass " + i, alone, beside);
        if (i > 0) {
          least = Math.min(least, alone);
          leastBeside = Math.min(leastBeside, beside);
        }
      }
    } finally {
      Folders.delete(folder);
    }
    System.out.printf(
        "Isolation costs %.1f %% of a frame (bound %.0f %%: %s)%n",
        100 * (leastBeside / least - 1),
        100 * (BOUND - 1),
        leastBeside <= BOUND * least ? "met" : "NOT MET");
  }

  private static long nanosBeside() {
    return ProcessHandle.current()
        .children()
        .filter(Processes::decodes)
        .map(child -> child.info().totalCpuDuration().orElse(Duration.ZERO).toNanos())
        .reduce(0L, Long::sum);
  }
}
