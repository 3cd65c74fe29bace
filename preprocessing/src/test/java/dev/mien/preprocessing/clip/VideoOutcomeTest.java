package dev.mien.preprocessing.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.copyMakeBorder;
import static org.bytedeco.opencv.global.opencv_core.flip;
import static org.bytedeco.opencv.global.opencv_core.hconcat;
import static org.bytedeco.opencv.global.opencv_core.rotate;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.FILLED;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.LINE_8;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.rectangle;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import dev.mien.preprocessing.TestVideos;
import dev.mien.preprocessing.crop.CropGeometry;
import dev.mien.preprocessing.crop.CropOptions;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.picture.StoredFrame;
import dev.mien.preprocessing.picture.View;
import dev.mien.preprocessing.region.Region;
import dev.mien.preprocessing.track.BoxUnit;
import dev.mien.preprocessing.track.ExpectedFace;
import dev.mien.preprocessing.track.Thumbnail;
import dev.mien.preprocessing.track.Track;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Videos that need more care than the samples. */
public class VideoOutcomeTest extends PreprocessorFixture {
  private List<Mat> faces;

  @BeforeClass
  public void readFaces() throws Exception {
    faces = TestVideos.frames(TestVideos.CAP12, 60);
  }

  @Test
  public void twoPeopleAreKeptApart() throws Exception {
    VideoReport report = process(twoPeople("two.mp4"));
    assertThat(report.tracks()).extracting(Track::trackId).containsExactly("v-t000", "v-t001");
    for (int person = 0; person < 2; person++) {
      float[] boxes = report.tracks().get(person).boxes();
      assertThat(boxes).as("boxes of person %d", person).hasSize(4 * 60);
      for (int i = 0; i < 60; i++) {
        assertThat(boxes[4 * i] + boxes[4 * i + 2] / 2)
            .as("centre of person %d in frame %d", person, i)
            .isBetween(400f * person, 400f * (person + 1));
      }
    }
    assertThat(clips).extracting(Clip::clipId).containsExactly("v-t000-c0000", "v-t001-c0000");
  }

  @Test
  public void onlyTheExpectedFaceOfTwoIsKept() throws Exception {
    Path file = twoPeople("pair.mp4");
    double[] seconds = {0, 0.4};
    float[] right = {0.66f, 0.23f, 0.2f, 0.6f, 0.66f, 0.23f, 0.2f, 0.6f};
    ExpectedFace expected = new ExpectedFace(seconds, right, BoxUnit.FRAME_SHARES);
    VideoReport report =
        preprocessor.process(new VideoRequest(file, "v", List.of(expected)), clips::add);
    assertThat(report.tracks()).hasSize(1);
    assertThat(report.tracks().get(0).boxes()[0]).isBetween(400f, 700f);
    assertThat(report.dropped()).containsExactly(entry("track: another face", 1));
    assertThat(clips).hasSize(1);

    clips.clear();
    float[] nowhere = {0.4f, 0.8f, 0.1f, 0.1f, 0.4f, 0.8f, 0.1f, 0.1f};
    ExpectedFace nobody = new ExpectedFace(seconds, nowhere, BoxUnit.FRAME_SHARES);
    report = preprocessor.process(new VideoRequest(file, "v", List.of(nobody)), clips::add);
    assertRejected(report, "no track of an expected face: none of 2 agrees");
    assertThat(report.dropped()).containsExactly(entry("track: another face", 2));
  }

  @Test
  public void inVoxCelebsOwnCropTheUpperCentralFaceIsTheExpectedOne() throws Exception {
    List<Mat> others = TestVideos.frames(TestVideos.CAP13, 40);
    List<Mat> crop = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Mat frame = new Mat(224, 224, CV_8UC3, new Scalar(90, 100, 110, 0));
      draw(faces.get(i), frame, new Rect(42, 0, 140, 146));
      draw(others.get(i), frame, new Rect(0, 146, 74, 77));
      crop.add(frame);
    }
    Path file = TestVideos.write(folder.resolve("crop.mp4"), crop, 25, 0);
    assertThat(process(file).tracks()).as("tracks when nobody is expected").hasSize(2);
    clips.clear();

    float[] elsewhere = {0.1f, 0.6f, 0.2f, 0.2f}; // in the video that it was cut from
    ExpectedFace expected = new ExpectedFace(new double[1], elsewhere, BoxUnit.FRAME_SHARES);
    VideoReport report =
        preprocessor.process(new VideoRequest(file, "v", List.of(expected)), clips::add);
    assertThat(report.tracks()).hasSize(1);
    assertThat(report.tracks().get(0).boxes()[1]).as("top of the face").isLessThan(100);
    assertThat(report.dropped()).containsExactly(entry("track: another face", 1));
    assertThat(report.notices())
        .containsExactly("expected faces not used: 224x224 is cut by VoxCeleb2 around the person");
  }

  /** Draws a sample's face, which lies in the middle of its frame, into a part of another. */
  private static void draw(Mat sample, Mat frame, Rect place) {
    Mat small = new Mat();
    resize(new Mat(sample, new Rect(110, 50, 200, 208)), small, place.size(), 0, 0, INTER_AREA);
    small.copyTo(new Mat(frame, place));
  }

  @Test
  public void filteredClipsAreCountedByReason() throws Exception {
    FilterOptions sharp = new FilterOptions(0, 0, 0, 0, 180, 180, 180, 1e6f, 0, 255, 0, 255);
    FilterOptions large = new FilterOptions(0, 0, 0, 500, 180, 180, 180, 0, 0, 255, 0, 255);
    Path file = TestVideos.write(folder.resolve("filtered.mp4"), faces, 25, 0);
    assertAllFiltered(file, sharp, "sharpness");
    assertAllFiltered(file, large, "face side");
  }

  @Test
  public void aTrackIsWholeThoughItsLastClipIsFilteredOut() throws Exception {
    List<Mat> receding = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      double scale = i < 15 ? 1 : Math.max(0.7, 1 - 0.04 * (i - 14));
      Mat small = new Mat();
      resize(faces.get(i), small, new Size(), scale, scale, INTER_AREA);
      Mat frame = new Mat();
      int below = 300 - small.rows();
      int beside = 400 - small.cols();
      copyMakeBorder(
          small, frame, below / 2, below - below / 2, beside / 2, beside - beside / 2, 1);
      receding.add(frame);
    }
    Path file = TestVideos.write(folder.resolve("receding.mp4"), receding, 25, 0);
    FilterOptions near = new FilterOptions(0, 0, 0, 120, 180, 180, 180, 0, 0, 255, 0, 255);
    PreprocessingOptions options = ChangedOptions.of(new ClipOptions(20, 8), near);
    VideoReport report;
    try (VideoPreprocessor filtering = VideoPreprocessor.open(options)) {
      report = filtering.process(new VideoRequest(file, "v", List.of()), clips::add);
    }
    assertThat(report.reason()).isEmpty();
    assertThat(report.dropped()).containsExactly(entry("clip: face side", 1));
    assertThat(clips).extracting(Clip::clipId).containsExactly("v-t000-c0000");
    assertThat(report.tracks()).hasSize(1);
    Track track = report.tracks().get(0);
    assertThat(track.timestampsMicros()).hasSize(40);
    for (int i = 0; i < 40; i++) {
      assertThat(track.timestampsMicros()[i]).as("time of frame %d", i).isEqualTo(40_000L * i);
    }
    assertThat(track.thumbnails()).extracting(Thumbnail::frame).hasSize(8).endsWith(37);
  }

  private void assertAllFiltered(Path file, FilterOptions filter, String figure)
      throws IOException {
    PreprocessingOptions options = ChangedOptions.of(filter);
    try (VideoPreprocessor filtering = VideoPreprocessor.open(options)) {
      VideoReport report = filtering.process(new VideoRequest(file, "v", List.of()), clips::add);
      assertRejected(report, "every clip filtered out: " + figure + " 1");
      assertThat(report.dropped()).containsExactly(entry("clip: " + figure, 1));
    }
  }

  @Test
  public void landmarksAndRegionsFollowTheGeometry() throws Exception {
    Path file = TestVideos.write(folder.resolve("geometry.mp4"), faces.subList(20, 40), 25, 0);
    assertFaceSpans(file, CropGeometry.TIGHT, 225, 290);
    assertFaceSpans(file, CropGeometry.MARLIN, 185, 205);
    assertFaceSpans(file, CropGeometry.SYNCNET, 132, 147);
  }

  /** From forehead to chin the face has so many pixels, and its nose is where the map says. */
  private void assertFaceSpans(Path file, CropGeometry geometry, int least, int most)
      throws IOException {
    clips.clear();
    PreprocessingOptions options = ChangedOptions.of(new CropOptions(geometry));
    try (VideoPreprocessor cropping = VideoPreprocessor.open(options)) {
      cropping.process(new VideoRequest(file, "v", List.of()), clips::add);
    }
    Clip clip = clips.get(0);
    for (int t = 0; t < clip.frames(); t += 5) {
      int face = 2 * 468 * t;
      int top = clip.landmarks()[face + 2 * 10 + 1];
      int chin = clip.landmarks()[face + 2 * 152 + 1];
      assertThat((chin - top) / 64).as("%s, frame %d", geometry, t).isBetween(least, most);
      int x = clip.landmarks()[face + 2] / 256; // the tip of the nose, in cells of 4 pixels
      int y = clip.landmarks()[face + 3] / 256;
      assertThat(clip.regions()[3136 * t + 56 * y + x] & Region.NOSE.bit()).isNotZero();
    }
  }

  @Test
  public void aCutEndsTheTrack() throws Exception {
    List<Mat> frames = new ArrayList<>(faces.subList(0, 30));
    for (Mat face : faces.subList(30, 60)) {
      Mat other = new Mat();
      flip(face, other, 1);
      cvtColor(other, other, COLOR_BGR2RGB);
      frames.add(other);
    }
    VideoReport report = process(TestVideos.write(folder.resolve("cut2.mp4"), frames, 25, 0));
    assertThat(report.tracks()).extracting(Track::shot).containsExactly(0, 1);
    assertThat(report.tracks()).extracting(Track::firstFrame).containsExactly(0, 30);
    assertThat(clips).extracting(Clip::frames).containsExactly(30, 30);
  }

  @Test
  public void aShortGapIsBridgedAndItsRegionsAreUnknown() throws Exception {
    List<Mat> frames = withGap(4);
    VideoReport report = process(TestVideos.write(folder.resolve("gap4.mp4"), frames, 25, 0));
    assertThat(report.tracks()).hasSize(1);
    assertThat(report.tracks().get(0).scores()).hasSize(60);
    assertThat(clips).hasSize(1);
    for (int t = 0; t < 60; t++) {
      byte[] map = Arrays.copyOfRange(clips.get(0).regions(), t * 3136, (t + 1) * 3136);
      boolean isKnown = t < 28 || t >= 32;
      assertThat(map[0] != 0).as("regions known in frame %d", t).isEqualTo(isKnown);
      assertThat(report.tracks().get(0).scores()[t] > 0).as("score %d", t).isEqualTo(isKnown);
    }
  }

  @Test
  public void aLongGapEndsTheTrack() throws Exception {
    VideoReport report = process(TestVideos.write(folder.resolve("gap8.mp4"), withGap(8), 25, 0));
    assertThat(report.tracks()).hasSize(2);
    assertThat(report.tracks().get(0).scores()).hasSize(28);
    // Without a face in sight, every second frame is searched.
    assertThat(report.tracks().get(1).firstFrame()).isBetween(36, 37);
  }

  @Test
  public void aLyingVideoIsTurnedUpright() throws Exception {
    List<Mat> lying = new ArrayList<>();
    for (Mat face : faces.subList(0, 20)) {
      Mat turned = new Mat();
      rotate(face, turned, opencv_core.ROTATE_90_COUNTERCLOCKWISE);
      lying.add(turned);
    }
    VideoReport report = process(TestVideos.write(folder.resolve("lying.mp4"), lying, 25, -90));
    assertThat(report.probe().rotation()).isEqualTo(90);
    assertThat(report.probe().width()).isEqualTo(400);
    assertThat(clips).hasSize(1);
    assertThat(Math.abs(clips.get(0).quality().roll())).isLessThan(10);
  }

  @Test
  public void rawFramesAreTheJpegFramesBeforeCompression() throws Exception {
    Path file = TestVideos.write(folder.resolve("raw.mp4"), faces.subList(0, 20), 25, 0);
    process(file);
    List<Clip> raw = new ArrayList<>();
    PreprocessingOptions options = ChangedOptions.of(FrameFormat.RAW);
    try (VideoPreprocessor uncompressed = VideoPreprocessor.open(options)) {
      uncompressed.process(new VideoRequest(file, "v", List.of()), raw::add);
    }
    byte[] pixels = raw.get(0).images().get(7);
    assertThat(pixels).hasSize(224 * 224 * 3);
    ByteBuffer decoded = ByteBuffer.allocate(pixels.length);
    try (FrameDecoder decoder = new FrameDecoder()) {
      decoder.decode(
          new StoredFrame(clips.get(0).images().get(7), FrameFormat.JPEG, 224, 224),
          View.whole(224),
          224,
          decoded);
    }
    double difference = 0;
    for (int i = 0; i < pixels.length; i++) {
      difference += Math.abs((pixels[i] & 0xFF) - (decoded.get(i) & 0xFF));
    }
    assertThat(difference / pixels.length).isLessThan(2);
  }

  private List<Mat> withGap(int length) {
    List<Mat> frames = new ArrayList<>(faces);
    // Brown over the face alone, so that it is no cut.
    for (int i = 28; i < 28 + length; i++) {
      Mat covered = faces.get(i).clone();
      rectangle(
          covered, new Rect(130, 70, 170, 180), new Scalar(90, 110, 130, 0), FILLED, LINE_8, 0);
      frames.set(i, covered);
    }
    return frames;
  }

  private Path twoPeople(String name) throws Exception {
    List<Mat> others = TestVideos.frames(TestVideos.CAP13, 60);
    List<Mat> both = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Mat pair = new Mat();
      hconcat(faces.get(i), others.get(i), pair);
      both.add(pair);
    }
    return TestVideos.write(folder.resolve(name), both, 25, 0);
  }

  private void assertRejected(VideoReport report, String reason) {
    assertThat(report.reason()).isEqualTo(reason);
    assertThat(report.outcome()).isEqualTo(Outcome.REJECTED);
    assertThat(report.tracks()).isEmpty();
    assertThat(clips).isEmpty();
  }
}
