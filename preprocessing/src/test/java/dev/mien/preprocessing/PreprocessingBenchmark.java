package dev.mien.preprocessing;

import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.StageTimes;
import dev.mien.preprocessing.clip.VideoPreprocessor;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.preprocessing.clip.VideoRequest;
import dev.mien.preprocessing.video.Decoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.testng.annotations.Test;

/**
 * Prints what preprocessing costs on one core: {@code mvn -pl preprocessing test
 * -Dtest=PreprocessingBenchmark}, with {@code -Dvideos=FOLDER} for videos besides the samples.
 *
 * <p>Each video is read three times and the fastest counts. The floor is decoding alone, to BGR, in
 * the same process. Stages are milliseconds a source frame; a real-time factor of 10 means ten
 * seconds of video in one.
 */
public class PreprocessingBenchmark {
  private static final int REPEATS = 3;

  private final PreprocessingOptions options = PreprocessingOptions.defaults();
  private int clips;

  @Test
  public void measure() throws Exception {
    System.out.printf(
        "%-24s %9s %6s %9s | %6s %6s %6s %6s %6s %6s | %6s %6s %6s%n",
        "video",
        "size",
        "frames",
        "floor f/s",
        "decode",
        "detect",
        "landm.",
        "crop",
        "region",
        "encode",
        "total",
        "x real",
        "clips");
    try (VideoPreprocessor preprocessor = VideoPreprocessor.open(options)) {
      for (Path video : videos()) {
        measure(preprocessor, video);
      }
    }
  }

  private void measure(VideoPreprocessor preprocessor, Path video) throws Exception {
    VideoReport best = null;
    long floor = Long.MAX_VALUE;
    long total = Long.MAX_VALUE;
    for (int i = 0; i < REPEATS; i++) {
      floor = Math.min(floor, decode(video));
      clips = 0;
      long start = System.nanoTime();
      VideoReport report =
          preprocessor.process(new VideoRequest(video, "video", List.of()), clip -> clips++);
      long nanos = System.nanoTime() - start;
      if (nanos < total) {
        total = nanos;
        best = report;
      }
    }
    int frames = best.framesDecoded();
    StageTimes times = best.times();
    double perFrame = 1e6 * frames;
    System.out.printf(
        "%-24s %9s %6d %9.0f | %6.2f %6.2f %6.2f %6.2f %6.2f %6.2f | %6.2f %6.1f %6d%n",
        video.getParent().getFileName() + "/" + video.getFileName(),
        best.probe().width() + "x" + best.probe().height(),
        frames,
        1e9 * frames / floor,
        times.decodeNanos() / perFrame,
        times.detectNanos() / perFrame,
        times.landmarkNanos() / perFrame,
        times.cropNanos() / perFrame,
        times.regionNanos() / perFrame,
        times.encodeNanos() / perFrame,
        total / perFrame,
        1e9 * frames / best.probe().framesPerSecond() / total,
        clips);
  }

  private long decode(Path video) throws Exception {
    long start = System.nanoTime();
    try (Decoder decoder = Decoder.open(video, options.decode(), options.threads())) {
      boolean hasFrame = decoder.next();
      while (hasFrame) {
        hasFrame = decoder.next();
      }
    }
    return System.nanoTime() - start;
  }

  private static List<Path> videos() throws IOException {
    List<Path> videos = new ArrayList<>(List.of(TestVideos.CAP12, TestVideos.CAP13));
    String folder = System.getProperty("videos");
    if (folder != null) {
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        files
            .filter(file -> file.toString().matches(".*\\.(mp4|mov)"))
            .sorted()
            .forEach(videos::add);
      }
    }
    return videos;
  }
}
