package dev.mien.preprocessing.clip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.preprocessing.TestVideos;
import dev.mien.preprocessing.track.Track;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Recordings that go on after pauses, as those of cameras that wait for somebody to move. */
public class PausedVideoTest extends PreprocessorFixture {

  private static final int FRAMES = 20;
  private static final long PERIOD = 40_000;
  private static final long MINUTE = 60_000_000;

  @DataProvider
  public Object[][] containers() {
    // Of these only mp4 counts its frames: by duration and rate the others hold more than allowed.
    return new Object[][] {{"mkv"}, {"ts"}, {"mp4"}};
  }

  @Test(dataProvider = "containers")
  public void eachPartIsATrackOfItsOwn(String container) throws Exception {
    VideoReport report = process(recording("paused." + container, 20 * MINUTE));

    assertThat(report.reason()).isEmpty();
    assertThat(report.framesDecoded()).isEqualTo(3 * FRAMES);
    assertThat(report.tracks()).hasSize(3);
    for (Track track : report.tracks()) {
      assertThat(track.timestampsMicros()).hasSize(FRAMES);
    }
    assertThat(clips).hasSize(3).allSatisfy(PausedVideoTest::assertSteady);
  }

  @Test
  public void twoRecordingsInOneFileAreWholeThoughTheClockJumps() throws Exception {
    Path joined = folder.resolve("joined.ts");
    for (long from : new long[] {0, 5 * 60 * MINUTE}) {
      Path part = folder.resolve("part.ts");
      long[] micros = new long[FRAMES];
      Arrays.setAll(micros, i -> from + i * PERIOD);
      TestVideos.writeAt(part, faces(), micros, 0, recorder -> recorder.setFormat("mpegts"));
      Files.write(
          joined, Files.readAllBytes(part), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    VideoReport report = process(joined);

    assertThat(report.reason()).isEmpty();
    assertThat(report.tracks()).hasSize(2);
    assertThat(clips).hasSize(2).allSatisfy(PausedVideoTest::assertSteady);
  }

  private static void assertSteady(Clip clip) {
    long[] micros = clip.timestampsMicros();
    for (int i = 1; i < micros.length; i++) {
      assertThat(micros[i] - micros[i - 1])
          .as("step %d", i)
          .isBetween(PERIOD - 1000, PERIOD + 1000);
    }
  }

  /** Three parts of the sample, with pauses in between. */
  private Path recording(String name, long pause) throws Exception {
    List<Mat> frames = new ArrayList<>();
    long[] micros = new long[3 * FRAMES];
    for (int part = 0; part < 3; part++) {
      frames.addAll(faces());
      for (int i = 0; i < FRAMES; i++) {
        micros[part * FRAMES + i] = part * (pause + FRAMES * PERIOD) + i * PERIOD;
      }
    }
    return TestVideos.writeAt(folder.resolve(name), frames, micros, 0, recorder -> {});
  }

  private static List<Mat> faces() throws Exception {
    return TestVideos.frames(TestVideos.CAP12, FRAMES);
  }
}
