package dev.mien.spark;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_ERROR;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;

import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.javacv.FFmpegFrameGrabber;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Frame;

/** The samples, and short pieces of them in other containers. */
public final class TestVideos {

  /** 400x300, 25 frames/s, 1337 frames, one face. */
  public static final Path CAP12 = Path.of("../samples/dev/mp4/id90001/cap12/00001.mp4");

  /** 400x300, 25 frames/s, 765 frames, one face. */
  public static final Path CAP13 = Path.of("../samples/dev/mp4/id90001/cap13/00001.mp4");

  private TestVideos() {}

  /**
   * Copies coded frames of a video as they are, from its first, and over again when there are more
   * copies than one.
   *
   * @param format FFmpeg's name of the new file's container
   */
  public static Path copy(Path video, Path file, String format, int frames, int copies)
      throws Exception {
    av_log_set_level(AV_LOG_ERROR);
    try (FFmpegFrameGrabber shape = new FFmpegFrameGrabber(video.toFile())) {
      shape.start();
      try (FFmpegFrameRecorder target =
          new FFmpegFrameRecorder(file.toFile(), shape.getImageWidth(), shape.getImageHeight())) {
        target.setFormat(format);
        target.setFrameRate(shape.getVideoFrameRate());
        target.setVideoCodec(shape.getVideoCodec());
        target.start(shape.getFormatContext());
        long end = 0;
        for (int copy = 0; copy < copies; copy++) {
          end = append(video, target, frames, end);
        }
        target.stop();
      }
    }
    return file;
  }

  /** Encodes the first frames of a video anew, scaled, into the container of the file's name. */
  public static Path encode(
      Path video, Path file, String encoder, int width, int height, int frames) throws Exception {
    av_log_set_level(AV_LOG_ERROR);
    try (FFmpegFrameGrabber source = new FFmpegFrameGrabber(video.toFile());
        FFmpegFrameRecorder target = new FFmpegFrameRecorder(file.toFile(), width, height)) {
      source.setImageWidth(width);
      source.setImageHeight(height);
      source.start();
      target.setVideoCodecName(encoder);
      target.setPixelFormat(encoder.equals("mjpeg") ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P);
      target.setFrameRate(source.getVideoFrameRate());
      target.setVideoBitrate(1_000_000);
      target.start();
      for (int i = 0; i < frames; i++) {
        target.record(source.grabImage());
      }
      target.stop();
    }
    return file;
  }

  /** Writes black frames of 64x48 as Motion JPEG. */
  public static Path blank(Path file, int frames) throws Exception {
    try (FFmpegFrameRecorder recorder = new FFmpegFrameRecorder(file.toFile(), 64, 48);
        Frame black = new Frame(64, 48, Frame.DEPTH_UBYTE, 3)) {
      recorder.setFormat("avi");
      recorder.setVideoCodec(AV_CODEC_ID_MJPEG);
      recorder.setPixelFormat(AV_PIX_FMT_YUVJ420P);
      recorder.setFrameRate(25);
      recorder.start();
      for (int i = 0; i < frames; i++) {
        recorder.record(black);
      }
      recorder.stop();
    }
    return file;
  }

  /** Returns the time after the last frame. */
  private static long append(Path video, FFmpegFrameRecorder target, int frames, long start)
      throws Exception {
    try (FFmpegFrameGrabber source = new FFmpegFrameGrabber(video.toFile())) {
      source.start();
      long end = start;
      for (int i = 0; i < frames; ) {
        AVPacket packet = source.grabPacket();
        if (packet == null) {
          break;
        }
        if (packet.stream_index() == source.getVideoStream()) {
          packet.pts(packet.pts() + start).dts(packet.dts() + start);
          end = Math.max(end, packet.pts() + packet.duration());
          target.recordPacket(packet);
          i++;
        }
      }
      return end;
    }
  }
}
