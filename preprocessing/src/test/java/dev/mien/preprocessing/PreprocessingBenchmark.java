package dev.mien.preprocessing;

import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.StageTimes;
import dev.mien.preprocessing.clip.VideoPreprocessor;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.preprocessing.clip.VideoRequest;
import dev.mien.preprocessing.video.Decoder;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.testng.annotations.Test;

/**
 * Prints what preprocessing costs on one core: {@code mvn -pl preprocessing test
 * -Dtest=PreprocessingBenchmark}, with {@code -Dvideos=FOLDER} for videos besides the samples.
 *
 * <p>Each video is read three times and the fastest counts. The floor is decoding alone, in the
 * same process. Floor, total and what follows from them are processor time of the one thread that
 * does it all, so that a busy machine shows in the caches only; the stages are wall time, decoding
 * with its conversion to BGR. All are milliseconds a source frame; a real-time factor of 10 means
 * ten seconds of video in one. A bound is met or not.
 */
public class PreprocessingBenchmark {
  private static final int REPEATS = 3;
  private static final double MOST_FOR_CROPS = 3.5;
  private static final double MOST_FOR_SMALL = 4;
  private static final int LARGE = 1920;

  private final PreprocessingOptions options = PreprocessingOptions.defaults();
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private int clips;

  @Test
  public void measure() throws Exception {
    System.out.printf(
        "%-27s %9s %6s %7s %6s | %6s %6s %6s %6s %6s %6s | %6s %6s %6s %6s %5s  %s%n",
        "video", "size", "frames", "floor/s", "floor", "decode", "detect", "landm.", "crop",
        "region", "encode", "wall", "total", "frm/s", "x real", "clips", "bound");
    try (VideoPreprocessor preprocessor = VideoPreprocessor.open(options)) {
      for (Path video : TestVideos.all()) {
        measure(preprocessor, video);
      }
    }
  }

  private void measure(VideoPreprocessor preprocessor, Path video) throws Exception {
    VideoReport best = null;
    long floor = Long.MAX_VALUE;
    long total = Long.MAX_VALUE;
    long wall = 0;
    for (int i = 0; i < REPEATS; i++) {
      floor = Math.min(floor, decode(video));
      clips = 0;
      long wallStart = System.nanoTime();
      long start = threads.getCurrentThreadCpuTime();
      VideoReport report =
          preprocessor.process(new VideoRequest(video, "video", List.of()), clip -> clips++);
      long nanos = threads.getCurrentThreadCpuTime() - start;
      if (nanos < total) {
        total = nanos;
        wall = System.nanoTime() - wallStart;
        best = report;
      }
    }
    int frames = best.framesDecoded();
    StageTimes times = best.times();
    double perFrame = 1e6 * frames;
    System.out.printf(
        "%-27s %9s %6d %7.0f %6.2f | %6.2f %6.2f %6.2f %6.2f %6.2f %6.2f | %6.2f %6.2f %6.0f %6.1f"
            + " %5d  %s%n",
        video.getParent().getFileName() + "/" + video.getFileName(),
        best.probe().width() + "x" + best.probe().height(),
        frames,
        1e9 * frames / floor,
        floor / perFrame,
        times.decodeNanos() / perFrame,
        times.detectNanos() / perFrame,
        times.landmarkNanos() / perFrame,
        times.cropNanos() / perFrame,
        times.regionNanos() / perFrame,
        times.encodeNanos() / perFrame,
        wall / perFrame,
        total / perFrame,
        1e9 * frames / total,
        1e9 * frames / best.probe().framesPerSecond() / total,
        clips,
        bound(best, floor / perFrame, total / perFrame));
  }

  private static String bound(VideoReport report, double floor, double total) {
    int side = Math.max(report.probe().width(), report.probe().height());
    if (side > 400 && side < LARGE) {
      return "none";
    }
    double bound = side >= LARGE ? 2 * floor + 4 : side <= 224 ? MOST_FOR_CROPS : MOST_FOR_SMALL;
    return String.format(Locale.ROOT, "%.1f %s", bound, total <= bound ? "met" : "NOT MET");
  }

  private long decode(Path video) throws Exception {
    long start = threads.getCurrentThreadCpuTime();
    try (Decoder decoder = Decoder.open(video, options.decode())) {
      boolean hasFrame = decoder.next();
      while (hasFrame) {
        hasFrame = decoder.next();
      }
    }
    return threads.getCurrentThreadCpuTime() - start;
  }
}
