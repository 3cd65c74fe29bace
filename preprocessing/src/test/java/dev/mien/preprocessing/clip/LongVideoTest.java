package dev.mien.preprocessing.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;

import dev.mien.preprocessing.TestVideos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.testng.annotations.Test;

/** A video's length does not show in the memory it takes. */
public class LongVideoTest {
  private static final int FRAMES = 100;
  private static final int TIMES = 8;

  private long heapInUse;
  private int frames;

  @Test
  public void theHeapDoesNotGrowWithTheVideo() throws Exception {
    Path folder = Files.createTempDirectory("long");
    List<Mat> faces = TestVideos.frames(TestVideos.CAP12, FRAMES);
    Path part = folder.resolve("part.ts");
    TestVideos.encode(part, "mpeg2video", AV_PIX_FMT_YUV420P, faces, 25);
    Path whole = folder.resolve("whole.ts");
    Files.createFile(whole);
    for (int i = 0; i < TIMES; i++) {
      Files.write(whole, Files.readAllBytes(part), StandardOpenOption.APPEND);
    }
    try (VideoPreprocessor preprocessor = VideoPreprocessor.open(PreprocessingOptions.defaults())) {
      heapAtTheLastClip(preprocessor, part);
      long once = heapAtTheLastClip(preprocessor, part);
      int framesOnce = frames;
      long often = heapAtTheLastClip(preprocessor, whole);
      assertThat(frames).isGreaterThan((TIMES - 1) * framesOnce);
      // 468 points of 700 frames more are 2.5 MiB.
      assertThat(often - once).as("growth of the heap in bytes").isLessThan(1 << 20);
    }
  }

  private long heapAtTheLastClip(VideoPreprocessor preprocessor, Path video) throws IOException {
    frames = 0;
    VideoReport report =
        preprocessor.process(new VideoRequest(video, "v", List.of()), this::measure);
    assertThat(report.outcome()).as(report.reason()).isEqualTo(Outcome.PROCESSED);
    return heapInUse;
  }

  private void measure(Clip clip) {
    frames += clip.frames();
    System.gc();
    heapInUse = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
