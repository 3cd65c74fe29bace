package dev.mien.preprocessing.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mien.preprocessing.TestVideos;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class FrameClockTest {
  private static final long HOUR = 3_600_000_000L;
  private static final double DAY = 86_400;

  @DataProvider
  public Object[][] starts() {
    return new Object[][] {{2 * HOUR}, {-80_000L}, {-5 * HOUR}};
  }

  @Test(dataProvider = "starts")
  public void aClockThatStartsFarFromZeroIsSetBack(long start) {
    FrameClock clock = new FrameClock(25, 25, DAY);
    long[] steps = {0, 40_000, 600_000, 640_000};
    for (long step : steps) {
      assertThat(clock.next(start + step)).isEqualTo(step);
    }
    assertThat(clock.next(FrameClock.MISSING)).isEqualTo(680_000);
  }

  @Test
  public void aClockThatIsReadLateIsSetBackByThen() {
    FrameClock clock = new FrameClock(25, 25, DAY);
    assertThat(clock.next(FrameClock.MISSING)).isZero();
    assertThat(clock.next(FrameClock.MISSING)).isEqualTo(40_000);
    assertThat(clock.next(2 * HOUR)).isEqualTo(80_000);
    assertThat(clock.next(2 * HOUR + 500_000)).isEqualTo(580_000);
  }

  @Test
  public void aClockThatGoesRoundGoesOn() {
    FrameClock clock = new FrameClock(25, 25, DAY);
    assertThat(clock.next(24 * HOUR - 40_000)).isZero();
    assertThat(clock.next(500_000)).isEqualTo(540_000);
    // FFmpeg may leave a frame that was stored before the end of the round in that round.
    assertThat(clock.next(24 * HOUR + 600_000)).isEqualTo(640_000);
    assertThat(clock.next(1_000_000)).isEqualTo(1_040_000);
  }

  @Test
  public void aClockThatIsSetBackGoesOnByFrames() {
    for (int hours : new int[] {2, 20}) {
      FrameClock clock = new FrameClock(25, 25, DAY);
      assertThat(clock.next(hours * HOUR)).isZero();
      assertThat(clock.next(hours * HOUR + 500_000)).isEqualTo(500_000);
      assertThat(clock.next(0)).as("after %d hours", hours).isEqualTo(540_000);
      assertThat(clock.next(40_000)).isEqualTo(580_000);
    }
  }

  @Test
  public void aPauseIsAHoleWhereTheVideoIsNotSlowThroughout() {
    FrameClock clock = new FrameClock(25, 25, DAY);
    long[] micros = {0, 40_000, 1_040_000, 1_080_000, 2_080_001, 4_000_000, 6_000_000, 26_000_001};
    boolean[] holes = {false, false, false, false, true, false, false, true};
    for (int i = 0; i < micros.length; i++) {
      assertThat(clock.next(micros[i])).isEqualTo(micros[i]);
      assertThat(clock.followsHole()).as("frame %d", i).isEqualTo(holes[i]);
    }
    clock.next(FrameClock.MISSING);
    assertThat(clock.followsHole()).isFalse();
    assertThat(clock.secondsAhead()).isZero();
  }

  @Test
  public void aJumpThatIsReplacedIsAHoleOnceAndIsSubtracted() {
    FrameClock clock = new FrameClock(25, 25, DAY);
    clock.next(0);
    clock.next(40_000);
    assertThat(clock.next(5 * HOUR)).isEqualTo(80_000);
    assertThat(clock.followsHole()).isTrue();
    assertThat(clock.next(5 * HOUR + 40_000)).isEqualTo(120_000);
    assertThat(clock.followsHole()).isFalse();
    assertThat(clock.secondsAhead()).isEqualTo(18_000 - 0.08);
  }

  @DataProvider
  public Object[][] offsets() {
    return new Object[][] {{"7200"}, {"95443.3"}}; // the clock is at 0 in the first pause
  }

  @Test(dataProvider = "offsets")
  public void aBroadcastThatRanForHoursKeepsItsTimes(String offset) throws Exception {
    long[] times = new long[20];
    for (int i = 0; i < times.length; i++) {
      times[i] = 40_000L * (i + 10 * (i / 5)); // it pauses
    }
    Path file = write("hours" + offset + ".ts", times, offset);
    try (Decoder decoder = Decoder.open(file, DecodeOptions.defaults())) {
      for (long time : times) {
        assertThat(decoder.next()).isTrue();
        assertThat(decoder.timestampMicros()).isCloseTo(time, within(12L)); // of 90 kHz
      }
    }
  }

  @DataProvider
  public Object[][] formats() {
    return new Object[][] {{"ts"}, {"vob"}};
  }

  @Test(dataProvider = "formats")
  public void aRecordingThatStartsAgainPromisesNoMoreThanItHas(String format) throws Exception {
    long[] times = new long[20];
    for (int i = 0; i < times.length; i++) {
      times[i] = 40_000L * i;
    }
    Path file = write("late." + format, times, "7200");
    Path again = write("again." + format, times, "0");
    Files.write(file, Files.readAllBytes(again), StandardOpenOption.APPEND);
    try (Decoder decoder = Decoder.open(file, DecodeOptions.defaults())) {
      assertThat(decoder.framesPromised()).isLessThanOrEqualTo(40);
      long frames = 0;
      while (decoder.next()) {
        assertThat(decoder.timestampMicros()).isCloseTo(40_000 * frames, within(12L));
        frames++;
      }
      assertThat(frames).isBetween(39L, 40L); // one may be lost in the joint
      assertThat(decoder.decodedShare()).isGreaterThan(0.95);
    }
  }

  private static Path write(String name, long[] times, String offset) throws Exception {
    Path file = Files.createTempDirectory("clock").resolve(name);
    return TestVideos.writeAt(
        file,
        TestVideos.noise(times.length), // a VOB tells the time once in 2 KiB
        times,
        0,
        recorder -> {
          recorder.setVideoCodecName("mpeg2video");
          recorder.setOption("output_ts_offset", offset);
        });
  }
}
