package dev.mien.preprocessing.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.avutil.AVFrame.AV_FRAME_FLAG_INTERLACED;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.PSNR;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2YUV_I420;
import static org.bytedeco.opencv.global.opencv_imgproc.GaussianBlur;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Frames of two fields, each filmed at its own time. */
public class InterlacedTest {
  private static final int FRAMES = 12;
  private static final int WIDTH = 160;
  private static final int HEIGHT = 96;
  private static final String NOTICE = "interlaced: one field of each frame is kept";

  @DataProvider
  public Object[][] memories() {
    return new Object[][] {{0L}, {1L << 20}};
  }

  @Test(dataProvider = "memories")
  public void theEdgesOfWhatMovesStayStraight(long mostBytesHeld) throws Exception {
    Path file = Files.createTempDirectory("interlaced").resolve("moving.ts");
    write(file);
    try (Decoder decoder = Decoder.open(file, DecodeOptions.defaults(), mostBytesHeld)) {
      assertIsTopField(decoder);
      assertThat(decoder.notices()).containsExactly(NOTICE);
      decoder.rewind();
      assertIsTopField(decoder);
    }
  }

  private static void assertIsTopField(Decoder decoder) throws BrokenVideoException {
    for (int i = 0; i < FRAMES; i++) {
      assertThat(decoder.next()).isTrue();
      assertThat(PSNR(decoder.frame(), picture(2 * i, HEIGHT)))
          .as("signal to noise of frame %d, in dB", i)
          .isGreaterThan(30);
    }
    assertThat(decoder.next()).isFalse();
  }

  private static void write(Path file) throws Exception {
    try (FFmpegFrameRecorder recorder = new FFmpegFrameRecorder(file.toFile(), WIDTH, HEIGHT)) {
      recorder.setVideoCodecName("mpeg2video");
      recorder.setPixelFormat(AV_PIX_FMT_YUV420P);
      recorder.setFrameRate(25);
      recorder.setVideoBitrate(4_000_000);
      recorder.setVideoOption("flags", "+ildct+ilme");
      recorder.start();
      for (int i = 0; i < FRAMES; i++) {
        ByteBuffer woven = woven(planes(2 * i), planes(2 * i + 1));
        recorder.recordImage(WIDTH, HEIGHT, 8, 1, WIDTH, AV_PIX_FMT_YUV420P, woven);
      }
      recorder.stop();
    }
  }

  /** {@code [height,WIDTH]} BGR: a red bar before blue, 3 pixels further with each field. */
  private static Mat picture(int field, int height) {
    Mat sharp = new Mat(height, WIDTH, CV_8UC3, new Scalar(200, 40, 40, 0));
    try (Size across = new Size(9, 1);
        Rect bar = new Rect(20 + 3 * field, 0, 40, height);
        Mat place = new Mat(sharp, bar);
        Mat red = new Mat(height, 40, CV_8UC3, new Scalar(40, 40, 200, 0))) {
      red.copyTo(place);
      Mat soft = new Mat(); // as chroma of half the width can tell it
      GaussianBlur(sharp, soft, across, 2);
      return soft;
    }
  }

  /** A field's planes, one after the other. */
  private static byte[] planes(int field) {
    Mat planes = new Mat();
    cvtColor(picture(field, HEIGHT / 2), planes, COLOR_BGR2YUV_I420);
    byte[] bytes = new byte[WIDTH * HEIGHT * 3 / 4];
    planes.data().get(bytes);
    return bytes;
  }

  /** The planes of a frame, whose rows are those of the fields in turn. */
  private static ByteBuffer woven(byte[] top, byte[] bottom) {
    ByteBuffer woven = ByteBuffer.allocateDirect(2 * top.length);
    for (int at = 0; at < top.length; ) {
      int row = at < WIDTH * HEIGHT / 2 ? WIDTH : WIDTH / 2;
      woven.put(top, at, row).put(bottom, at, row);
      at += row;
    }
    return woven.flip();
  }

  @DataProvider
  public Object[][] heights() {
    return new Object[][] {{48}, {49}, {50}, {51}};
  }

  @Test(dataProvider = "heights")
  public void noRowOfTheOtherFieldIsRead(int height) {
    int[] top = {200, 100, 160};
    int[] bottom = {40, 200, 60};
    AVFrame even = frame(height, top, top);
    AVFrame interlaced = frame(height, top, bottom);
    interlaced.flags(interlaced.flags() | AV_FRAME_FLAG_INTERLACED);
    try (FrameConverter converter = new FrameConverter(facts(height, "mpeg2video"))) {
      Mat expected = converter.convert(even).clone();
      assertThat(converter.notices()).isEmpty();
      assertThat(PSNR(converter.convert(interlaced), expected)).isGreaterThan(40);
      assertThat(converter.notices()).containsExactly(NOTICE);
    } finally {
      av_frame_free(even);
      av_frame_free(interlaced);
    }
  }

  @Test
  public void aFieldThatIsAFrameIsKeptWhole() {
    AVFrame field = frame(48, new int[] {200, 100, 160}, new int[] {40, 200, 60});
    try (FrameConverter converter = new FrameConverter(facts(48, "hevc"))) {
      Mat expected = converter.convert(field).clone();
      field.flags(field.flags() | AV_FRAME_FLAG_INTERLACED);
      assertThat(PSNR(converter.convert(field), expected)).isGreaterThan(300);
      assertThat(converter.notices()).isEmpty();
    } finally {
      av_frame_free(field);
    }
  }

  private static StreamFacts facts(int height, String codec) {
    return new StreamFacts(
        64, height, 0, false, 25, 25, Double.POSITIVE_INFINITY, 0, false, 0, false, codec);
  }

  /** The rows of each plane have the values of the fields in turn. */
  private static AVFrame frame(int height, int[] top, int[] bottom) {
    AVFrame frame = av_frame_alloc().width(64).height(height).format(AV_PIX_FMT_YUV420P);
    assertThat(av_frame_get_buffer(frame, 0)).isZero();
    for (int plane = 0; plane < 3; plane++) {
      int rows = plane == 0 ? height : (height + 1) / 2;
      for (int row = 0; row < rows; row++) {
        int[] values = row % 2 == 0 ? top : bottom;
        long stride = frame.linesize(plane);
        Pointer.memset(frame.data(plane).getPointer(row * stride), values[plane], stride);
      }
    }
    return frame;
  }
}
