package dev.mien.preprocessing.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import dev.mien.preprocessing.TestVideos;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class FrameClockTest {
  private static final long HOUR = 3_600_000_000L;

  @DataProvider
  public Object[][] starts() {
    return new Object[][] {{2 * HOUR}, {-80_000L}, {-5 * HOUR}};
  }

  @Test(dataProvider = "starts")
  public void aClockThatStartsFarFromZeroIsSetBack(long start) {
    FrameClock clock = new FrameClock(25, 25);
    long[] steps = {0, 40_000, 600_000, 640_000};
    for (long step : steps) {
      assertThat(clock.next(start + step)).isEqualTo(step);
    }
    assertThat(clock.next(FrameClock.MISSING)).isEqualTo(680_000);
  }

  @Test
  public void aClockThatIsReadLateIsSetBackByThen() {
    FrameClock clock = new FrameClock(25, 25);
    assertThat(clock.next(FrameClock.MISSING)).isZero();
    assertThat(clock.next(FrameClock.MISSING)).isEqualTo(40_000);
    assertThat(clock.next(2 * HOUR)).isEqualTo(80_000);
    assertThat(clock.next(2 * HOUR + 500_000)).isEqualTo(580_000);
  }

  @Test
  public void aBroadcastThatRanForHoursKeepsItsTimes() throws Exception {
    Path file = Files.createTempDirectory("clock").resolve("hours.ts");
    long[] times = new long[20];
    for (int i = 0; i < times.length; i++) {
      times[i] = 40_000L * (i + 10 * (i / 5)); // it pauses
    }
    Mat grey = new Mat(48, 64, CV_8UC3, new Scalar(90, 90, 90, 0));
    TestVideos.writeAt(
        file,
        Collections.nCopies(times.length, grey),
        times,
        0,
        recorder -> recorder.setOption("output_ts_offset", "7200"));
    try (Decoder decoder = Decoder.open(file, DecodeOptions.defaults(), 1)) {
      for (long time : times) {
        assertThat(decoder.next()).isTrue();
        assertThat(decoder.timestampMicros()).isCloseTo(time, within(12L)); // of 90 kHz
      }
    }
  }
}
