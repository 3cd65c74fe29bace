package dev.mien.preprocessing.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mien.preprocessing.TestVideos;
import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.DetectionOptions;
import dev.mien.preprocessing.detect.FaceDetector;
import dev.mien.preprocessing.detect.Tile;
import dev.mien.preprocessing.picture.Drawing;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.picture.StoredFrame;
import dev.mien.preprocessing.picture.View;
import dev.mien.preprocessing.region.Region;
import dev.mien.preprocessing.track.FaceQuality;
import dev.mien.preprocessing.track.Thumbnail;
import dev.mien.preprocessing.track.Track;
import dev.mien.preprocessing.video.DecodeOptions;
import dev.mien.preprocessing.video.Decoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** What the two samples give, and that it is the same each time. */
public class SampleClipsTest {
  private static final int CELLS = 56;
  private static final int MAP = CELLS * CELLS;

  private final List<Clip> cap12 = new ArrayList<>();
  private final List<Clip> cap13 = new ArrayList<>();
  private VideoReport report12;
  private VideoReport report13;

  @BeforeClass
  public void process() throws Exception {
    try (VideoPreprocessor preprocessor = VideoPreprocessor.open(PreprocessingOptions.defaults())) {
      report12 =
          preprocessor.process(new VideoRequest(TestVideos.CAP12, "cap12", List.of()), cap12::add);
      report13 =
          preprocessor.process(new VideoRequest(TestVideos.CAP13, "cap13", List.of()), cap13::add);
    }
  }

  @Test
  public void oneTrackCoversTheWholeVideo() {
    assertThat(report12.outcome()).isEqualTo(Outcome.PROCESSED);
    assertThat(report12.reason()).isEmpty();
    assertThat(report12.probe()).isEqualTo(new VideoProbe(400, 300, 25, 1337, 53.48, "h264", 0));
    assertThat(report12.framesDecoded()).isEqualTo(1337);
    assertThat(report12.tracks()).hasSize(1);
    Track track = report12.tracks().get(0);
    assertThat(track.trackId()).isEqualTo("cap12-t000");
    assertThat(track.shot()).isZero();
    assertThat(track.firstFrame()).isZero();
    assertThat(track.scores()).hasSize(1337);
    assertThat(track.boxes()).hasSize(4 * 1337);
    assertThat(track.timestampsMicros()[1336] - track.timestampsMicros()[0])
        .isEqualTo(1336 * 40_000L);
    assertThat(track.quality().landmarkShare()).isGreaterThan(0.99f);
    assertThat(report13.tracks()).hasSize(1);
    assertThat(report13.tracks().get(0).scores()).hasSize(765);
  }

  @Test
  public void clipsAreContiguousAndWhole() {
    assertThat(cap12).hasSize(21);
    assertThat(cap13).hasSize(12); // other tests look at each of them
    // 1337 = 20 * 64 + 57
    assertThat(cap12.subList(0, 20)).extracting(Clip::frames).containsOnly(64);
    assertThat(cap12.get(20).frames()).isEqualTo(57);
    long next = report12.tracks().get(0).timestampsMicros()[0];
    for (int i = 0; i < cap12.size(); i++) {
      Clip clip = cap12.get(i);
      assertThat(clip.clipId()).isEqualTo("cap12-t000-c%04d", i);
      assertThat(clip.indexInTrack()).isEqualTo(i);
      assertThat(clip.framesPerSecond()).isCloseTo(25, within(1e-9));
      assertThat(clip.images()).hasSize(clip.frames());
      assertThat(clip.regions()).hasSize(clip.frames() * MAP);
      assertThat(clip.landmarks()).hasSize(clip.frames() * 468 * 2);
      for (long time : clip.timestampsMicros()) {
        assertThat(time).isEqualTo(next);
        next += 40_000;
      }
    }
  }

  @Test
  public void cropsDoNotJitter() throws Exception {
    int frames = 250;
    float[] detected = new float[4 * frames];
    try (FaceDetector detector = FaceDetector.open(DetectionOptions.defaults(), 1);
        Decoder decoder = Decoder.open(TestVideos.CAP12, DecodeOptions.defaults())) {
      List<Tile> whole = List.of(Tile.whole(decoder.width(), decoder.height()));
      for (int i = 0; i < frames && decoder.next(); i++) {
        Box box = detector.detect(decoder.frame(), whole).get(0).faceBox();
        detected[4 * i] = box.x();
        detected[4 * i + 1] = box.y();
        detected[4 * i + 2] = box.width();
        detected[4 * i + 3] = box.height();
      }
    }
    double noise = medianBend(detected, frames);
    double left = medianBend(report12.tracks().get(0).boxes(), frames);
    assertThat(noise).as("a detector's own jitter, in source pixels").isGreaterThan(0.1);
    assertThat(left).as("what is left of a jitter of %s", noise).isLessThan(noise / 3);
  }

  @Test
  public void everyCellBelongsToARegionAndEveryRegionIsThere() {
    for (Clip clip : cap12) {
      for (int t = 0; t < clip.frames(); t++) {
        int all = 0;
        for (int i = 0; i < MAP; i++) {
          byte cell = clip.regions()[t * MAP + i];
          assertThat(cell)
              .as("%s frame %d cell %d", clip.clipId(), t, i)
              .isBetween((byte) 1, (byte) 127);
          all |= cell;
        }
        assertThat(all).as("regions of %s frame %d", clip.clipId(), t).isEqualTo(127);
      }
    }
  }

  @Test
  public void facialPartsLieWhereTheyBelong() {
    for (Clip clip : cap13) {
      for (int t = 0; t < clip.frames(); t += 16) {
        double[] right = centroid(clip, t, Region.RIGHT_EYE);
        double[] left = centroid(clip, t, Region.LEFT_EYE);
        double[] nose = centroid(clip, t, Region.NOSE);
        double[] mouth = centroid(clip, t, Region.MOUTH);
        String where = clip.clipId() + " frame " + t;
        assertThat(right[0]).as(where).isLessThan(nose[0]);
        assertThat(nose[0]).as(where).isLessThan(left[0]);
        assertThat(nose[1])
            .as(where)
            .isGreaterThan(Math.max(right[1], left[1]))
            .isLessThan(mouth[1]);
        // This man's hair frames his forehead, which reaches above the landmarks' oval.
        int framed = 0;
        for (int y = 0; y < 16; y++) {
          framed += hasHair(clip, t, y, 4, 24) && hasHair(clip, t, y, 32, 52) ? 1 : 0;
        }
        assertThat(framed).as(where).isGreaterThan(5);
        for (int y = 8; y < 11; y++) {
          assertThat(clip.regions()[t * MAP + y * CELLS + 28])
              .as(where + " row " + y)
              .isEqualTo((byte) Region.SKIN.bit());
        }
        assertThat(clip.regions()[t * MAP] & Region.BACKGROUND.bit()).as(where).isNotZero();
      }
    }
  }

  @Test
  public void landmarksFallIntoTheirRegions() {
    for (Clip clip : cap13) {
      // Point 1 is the tip of the nose, 13 the inner edge of the upper lip.
      assertThat(cellAt(clip, 0, 1) & Region.NOSE.bit()).as(clip.clipId()).isNotZero();
      assertThat(cellAt(clip, 0, 13) & Region.MOUTH.bit()).as(clip.clipId()).isNotZero();
    }
  }

  @Test
  public void qualityIsMeasured() {
    for (Clip clip : cap12) {
      FaceQuality quality = clip.quality();
      assertThat(quality.score()).isBetween(0.8f, 1f);
      assertThat(quality.presence()).isBetween(0.9f, 1f);
      assertThat(quality.landmarkShare()).isGreaterThan(0.9f);
      assertThat(quality.faceSide()).isBetween(80f, 180f);
      assertThat(quality.brightness()).isBetween(60f, 180f);
      assertThat(quality.sharpness()).isPositive();
      assertThat(quality.motion()).isBetween(0.1f, 20f);
      assertThat(Math.abs(quality.yaw())).isLessThan(45);
      assertThat(Math.abs(quality.roll())).isLessThan(20);
    }
    FaceQuality whole = report12.tracks().get(0).quality();
    double[] means = new double[3];
    for (Clip clip : cap12) {
      double share = clip.frames() / 1337.0;
      means[0] += share * clip.quality().sharpness();
      means[1] += share * clip.quality().brightness();
      means[2] += share * clip.quality().yaw();
    }
    assertThat(whole.sharpness()).isCloseTo((float) means[0], within(0.01f));
    assertThat(whole.brightness()).isCloseTo((float) means[1], within(0.01f));
    assertThat(whole.yaw()).isCloseTo((float) means[2], within(0.01f));
    assertThat(cap12.stream().map(clip -> Arrays.toString(clip.fingerprint())).distinct())
        .hasSizeGreaterThan(10);
  }

  @Test
  public void thumbnailsAreSpreadOverTheTrack() {
    Track track = report12.tracks().get(0);
    assertThat(track.thumbnails())
        .extracting(Thumbnail::frame)
        .containsExactly(83, 250, 417, 584, 752, 919, 1086, 1253);
    assertThat(track.thumbnails()).extracting(Thumbnail::scale).containsOnly(0.8);
    byte[] drawn =
        Drawing.boxed(track.thumbnails().get(0), List.of(Arrays.copyOf(track.boxes(), 4)));
    assertThat(drawn).isNotEqualTo(track.thumbnails().get(0).jpeg()).startsWith(0xFF, 0xD8);
  }

  @Test
  public void aSecondRunGivesTheSameBytes() throws Exception {
    List<Clip> again = new ArrayList<>();
    VideoReport report;
    try (VideoPreprocessor preprocessor = VideoPreprocessor.open(PreprocessingOptions.defaults())) {
      report =
          preprocessor.process(new VideoRequest(TestVideos.CAP13, "cap13", List.of()), again::add);
    }
    assertThat(report.tracks().get(0).boxes()).isEqualTo(report13.tracks().get(0).boxes());
    assertThat(again).hasSameSizeAs(cap13);
    for (int i = 0; i < again.size(); i++) {
      Clip clip = again.get(i);
      Clip first = cap13.get(i);
      assertThat(clip.clipId()).isEqualTo(first.clipId());
      assertThat(clip.regions()).isEqualTo(first.regions());
      assertThat(clip.landmarks()).isEqualTo(first.landmarks());
      assertThat(clip.quality()).isEqualTo(first.quality());
      assertThat(clip.fingerprint()).isEqualTo(first.fingerprint());
      for (int t = 0; t < clip.frames(); t++) {
        assertThat(clip.images().get(t)).isEqualTo(first.images().get(t));
      }
    }
  }

  @Test
  public void storedFramesDecodeAtEverySize() {
    byte[] image = cap12.get(0).images().get(0);
    double[] brightness = new double[4];
    int[] sizes = {224, 112, 56, 32};
    try (FrameDecoder decoder = new FrameDecoder()) {
      for (int i = 0; i < sizes.length; i++) {
        int size = sizes[i];
        ByteBuffer target = ByteBuffer.allocateDirect(size * size * 3 + 5).position(5);
        decoder.decode(
            new StoredFrame(image, FrameFormat.JPEG, 224, 224), View.whole(224), size, target);
        assertThat(target.remaining()).isZero();
        for (int j = 5; j < target.capacity(); j++) {
          brightness[i] += (target.get(j) & 0xFF) / (3.0 * size * size);
        }
      }
    }
    for (double level : brightness) {
      assertThat(level).isCloseTo(brightness[0], within(1.0));
    }
  }

  @Test
  public void overlayPaintsTheRegions() {
    Clip clip = cap12.get(0);
    ByteBuffer frame = ByteBuffer.allocate(224 * 224 * 3);
    try (FrameDecoder decoder = new FrameDecoder()) {
      decoder.decode(
          new StoredFrame(clip.images().get(0), clip.format(), 224, 224),
          View.whole(224),
          224,
          frame);
    }
    ByteBuffer pixels = Drawing.regions(frame.flip(), 224, Arrays.copyOf(clip.regions(), MAP));
    // The upper corner is background: its colour is green, on a beige wall.
    int at = (4 * 224 + 4) * 3;
    int green = pixels.get(at + 1) & 0xFF;
    assertThat(green).isGreaterThan((pixels.get(at) & 0xFF) + 10);
    assertThat(green).isGreaterThan((pixels.get(at + 2) & 0xFF) + 10);
  }

  /** Median size of the second difference of the box centres: 0 for any steady motion. */
  private static double medianBend(float[] boxes, int frames) {
    double[] bends = new double[2 * (frames - 2)];
    for (int i = 0; i < bends.length; i++) {
      int frame = i / 2 + 1;
      int axis = i % 2;
      double before = centre(boxes, frame - 1, axis);
      double after = centre(boxes, frame + 1, axis);
      bends[i] = Math.abs(before - 2 * centre(boxes, frame, axis) + after);
    }
    Arrays.sort(bends);
    return bends[bends.length / 2];
  }

  private static double centre(float[] boxes, int i, int axis) {
    return boxes[4 * i + axis] + boxes[4 * i + 2 + axis] / 2.0;
  }

  private static byte cellAt(Clip clip, int t, int point) {
    int x = clip.landmarks()[(t * 468 + point) * 2] / 64 / 4;
    int y = clip.landmarks()[(t * 468 + point) * 2 + 1] / 64 / 4;
    return clip.regions()[t * MAP + y * CELLS + x];
  }

  private static boolean hasHair(Clip clip, int t, int y, int from, int to) {
    boolean found = false;
    for (int x = from; x < to; x++) {
      found |= (clip.regions()[t * MAP + y * CELLS + x] & Region.HAIR.bit()) != 0;
    }
    return found;
  }

  private static double[] centroid(Clip clip, int t, Region region) {
    double x = 0;
    double y = 0;
    int n = 0;
    for (int i = 0; i < MAP; i++) {
      if ((clip.regions()[t * MAP + i] & region.bit()) != 0) {
        x += i % CELLS;
        y += Math.floorDiv(i, CELLS);
        n++;
      }
    }
    return new double[] {x / n, y / n};
  }
}
