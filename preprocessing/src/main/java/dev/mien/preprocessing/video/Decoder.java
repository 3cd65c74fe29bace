package dev.mien.preprocessing.video;

import static org.bytedeco.ffmpeg.global.avutil.AV_ERROR_MAX_STRING_SIZE;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_PANIC;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BITEXACT;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.ROTATE_180;
import static org.bytedeco.opencv.global.opencv_core.ROTATE_90_CLOCKWISE;
import static org.bytedeco.opencv.global.opencv_core.ROTATE_90_COUNTERCLOCKWISE;
import static org.bytedeco.opencv.global.opencv_core.rotate;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacv.FFmpegFrameGrabber;
import org.bytedeco.javacv.Frame;
import org.bytedeco.javacv.FrameGrabber;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Decodes a video from its first frame to its last, upright, at no more than the wanted rate.
 *
 * <p>Frames are never sought, because a seek is only a best guess. A source faster than {@link
 * DecodeOptions#maximumFramesPerSecond()} keeps every n-th frame, n being the smallest whole number
 * that brings it to that rate. A timestamp that is missing or does not grow is replaced by the
 * previous one plus one frame period.
 *
 * <p>Only local files in plain containers are opened: playlists, which may name other files or
 * hosts, are refused. Not thread-safe; close it.
 */
public final class Decoder implements AutoCloseable {
  // A nominal 30 frames/s is often written as 30.0x: up to 1 % more is not worth halving the rate.
  private static final double RATE_TOLERANCE = 0.01;
  private static final double FALLBACK_FRAMES_PER_SECOND = 25;
  private static final double HIGHEST_PLAUSIBLE_FRAMES_PER_SECOND = 1000;
  private static final String CONTAINERS =
      "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg";

  private static final Pattern ERROR_CODE = Pattern.compile("error (-?\\d+)");

  private final FFmpegFrameGrabber grabber;
  private final double sourceFramesPerSecond;
  private final int stride;
  private final int rotation;
  private final Mat upright = new Mat();
  private Mat frame;
  private int sourceFrames;
  private long timestampMicros = Long.MIN_VALUE;
  private long sourceTimestampMicros = Long.MIN_VALUE;

  private Decoder(FFmpegFrameGrabber grabber, DecodeOptions options) {
    this.grabber = grabber;
    double rate = grabber.getVideoFrameRate();
    this.sourceFramesPerSecond =
        rate > 0 && rate <= HIGHEST_PLAUSIBLE_FRAMES_PER_SECOND ? rate : FALLBACK_FRAMES_PER_SECOND;
    double ratio = sourceFramesPerSecond / options.maximumFramesPerSecond();
    this.stride = Math.max(1, (int) Math.ceil(ratio - RATE_TOLERANCE));
    this.rotation = grabber.hasVideo() ? quarterTurns(grabber.getDisplayRotation()) : 0;
  }

  /**
   * Opens a video.
   *
   * @param threads threads the codec may use
   * @throws BrokenVideoException when no supported container or codec is found in the file
   */
  public static Decoder open(Path video, DecodeOptions options, int threads)
      throws BrokenVideoException {
    av_log_set_level(AV_LOG_PANIC); // what is wrong with a file is reported once, by its outcome
    FFmpegFrameGrabber grabber = new FFmpegFrameGrabber(video.toFile());
    grabber.setOption("protocol_whitelist", "file");
    grabber.setOption("format_whitelist", CONTAINERS);
    grabber.setVideoOption("threads", Integer.toString(threads));
    grabber.setImageMode(FrameGrabber.ImageMode.COLOR);
    // Accurate rounding would rule out the vectorised conversion, at half the speed of decoding.
    grabber.setImageScalingFlags(SWS_BILINEAR | SWS_BITEXACT);
    try {
      grabber.start();
    } catch (FrameGrabber.Exception | RuntimeException e) {
      releaseQuietly(grabber);
      throw new BrokenVideoException("cannot be opened: " + cause(e), e);
    }
    return new Decoder(grabber, options);
  }

  /**
   * Decodes the next kept frame; {@link #frame()} then holds it.
   *
   * @return false after the last frame
   * @throws BrokenVideoException when the codec gives up
   */
  public boolean next() throws BrokenVideoException {
    while (true) {
      Frame image;
      try {
        image = grabber.grabImage();
      } catch (FrameGrabber.Exception | RuntimeException e) {
        throw new BrokenVideoException(
            "decoding failed after " + sourceFrames + " frames: " + cause(e), e);
      }
      if (image == null) {
        return false;
      }
      advance(image.timestamp);
      boolean kept = sourceFrames % stride == 0;
      sourceFrames++;
      if (kept) {
        hold(image);
        timestampMicros = sourceTimestampMicros;
        return true;
      }
    }
  }

  private void advance(long micros) {
    long period = Math.round(1e6 / sourceFramesPerSecond);
    if (sourceFrames == 0) {
      sourceTimestampMicros = Math.max(0, micros);
    } else {
      sourceTimestampMicros =
          micros > sourceTimestampMicros ? micros : sourceTimestampMicros + period;
    }
  }

  private void hold(Frame image) {
    if (frame != null) {
      frame.close();
    }
    // The grabber's own buffer, not a copy: it is overwritten by the next frame.
    try (BytePointer pixels = new BytePointer((ByteBuffer) image.image[0])) {
      frame =
          new Mat(image.imageHeight, image.imageWidth, CV_8UC3, pixels, (long) image.imageStride);
    }
    switch (rotation) {
      case 90 -> rotate(frame, upright, ROTATE_90_CLOCKWISE);
      case 180 -> rotate(frame, upright, ROTATE_180);
      case 270 -> rotate(frame, upright, ROTATE_90_COUNTERCLOCKWISE);
      default -> {}
    }
  }

  /** The current frame, `[H,W]` BGR uint8; valid until the next call of {@link #next()}. */
  public Mat frame() {
    return rotation == 0 ? frame : upright;
  }

  /** Presentation time of the current frame in microseconds of the container's clock. */
  public long timestampMicros() {
    return timestampMicros;
  }

  /** Source frames decoded so far, those dropped to lower the rate included. */
  public int sourceFrames() {
    return sourceFrames;
  }

  public boolean hasVideo() {
    return grabber.hasVideo() && grabber.getImageWidth() > 0 && grabber.getImageHeight() > 0;
  }

  /** Width of the upright frame in pixels. */
  public int width() {
    return rotation % 180 == 0 ? grabber.getImageWidth() : grabber.getImageHeight();
  }

  /** Height of the upright frame in pixels. */
  public int height() {
    return rotation % 180 == 0 ? grabber.getImageHeight() : grabber.getImageWidth();
  }

  /** Clockwise turn in degrees that makes the coded frame upright: 0, 90, 180 or 270. */
  public int rotation() {
    return rotation;
  }

  /** The source's mean rate in frames/s, before frames are dropped. */
  public double sourceFramesPerSecond() {
    return sourceFramesPerSecond;
  }

  /** One frame is kept of this many. */
  public int stride() {
    return stride;
  }

  /** Frames the container promises; 0 when it does not say. */
  public int framesPromised() {
    return Math.max(0, grabber.getLengthInVideoFrames());
  }

  /** Duration the container states, in seconds; 0 when it does not say. */
  public double seconds() {
    return Math.max(0, grabber.getLengthInTime() / 1e6);
  }

  /** FFmpeg's name of the codec, empty when unknown. */
  public String codec() {
    String name = grabber.getVideoCodecName();
    return name == null ? "" : name;
  }

  private static int quarterTurns(double displayRotation) {
    // FFmpeg states how the frame was turned counter-clockwise for display.
    long quarters = Math.round(-displayRotation / 90);
    return (int) Math.floorMod(quarters, 4L) * 90;
  }

  /** FFmpeg's own words where there are any: JavaCV's message repeats the path and advice. */
  private static String cause(Exception e) {
    String message = String.valueOf(e.getMessage());
    Matcher code = ERROR_CODE.matcher(message);
    if (!code.find()) {
      return message;
    }
    byte[] text = new byte[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(Integer.parseInt(code.group(1)), text, text.length);
    return new String(text, StandardCharsets.UTF_8).replaceFirst("\\x00.*", "");
  }

  private static void releaseQuietly(FFmpegFrameGrabber grabber) {
    try {
      grabber.release();
    } catch (FrameGrabber.Exception | RuntimeException e) {
      // The first failure is the one worth reporting.
    }
  }

  @Override
  public void close() {
    if (frame != null) {
      frame.close();
    }
    upright.close();
    releaseQuietly(grabber);
  }
}
