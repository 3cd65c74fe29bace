package dev.mien.preprocessing;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_AAC;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import dev.mien.preprocessing.video.DecodeOptions;
import dev.mien.preprocessing.video.Decoder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.OpenCVFrameConverter;
import org.bytedeco.opencv.opencv_core.Mat;

/** The samples, and small videos made of them. */
public final class TestVideos {
  /** 400x300, 25 frames/s, 1337 frames, one face. */
  public static final Path CAP12 = Path.of("../samples/dev/mp4/id90001/cap12/00001.mp4");

  /** 400x300, 25 frames/s, 765 frames, one face. */
  public static final Path CAP13 = Path.of("../samples/dev/mp4/id90001/cap13/00001.mp4");

  private TestVideos() {}

  /** The samples, and the videos of the folder that {@code -Dvideos} names. */
  public static List<Path> all() throws IOException {
    List<Path> videos = new ArrayList<>(List.of(CAP12, CAP13));
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

  /** The first frames of a video, as copies. */
  public static List<Mat> frames(Path video, int count) throws Exception {
    List<Mat> frames = new ArrayList<>();
    try (Decoder decoder = Decoder.open(video, DecodeOptions.defaults())) {
      while (frames.size() < count && decoder.next()) {
        frames.add(decoder.frame().clone());
      }
    }
    return frames;
  }

  /** Frames of 64x48 that no codec makes small, so that their bytes are most of a file's. */
  public static List<Mat> noise(int count) {
    Random random = new Random(3);
    byte[] pixels = new byte[3 * 48 * 64];
    List<Mat> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      random.nextBytes(pixels);
      frames.add(new Mat(48, 64, CV_8UC3, new BytePointer(pixels)));
    }
    return frames;
  }

  /** A copy of one of the videos stored with the tests, each of a few kilobytes. */
  public static Path stored(String name, Path folder) throws IOException {
    try (InputStream stream = TestVideos.class.getResourceAsStream("video/" + name)) {
      return Files.write(folder.resolve(name), stream.readAllBytes());
    }
  }

  /** Writes BGR frames of one size as an MPEG-4 video. */
  public static Path write(Path file, List<Mat> frames, double framesPerSecond, int rotation)
      throws Exception {
    return write(file, "mpeg4", AV_PIX_FMT_YUV420P, frames, framesPerSecond, rotation);
  }

  /** Writes BGR frames of one size with an encoder, into the container of the file's extension. */
  public static Path encode(
      Path file, String encoder, int pixelFormat, List<Mat> frames, double framesPerSecond)
      throws Exception {
    return write(file, encoder, pixelFormat, frames, framesPerSecond, 0);
  }

  private static Path write(
      Path file,
      String encoder,
      int pixelFormat,
      List<Mat> frames,
      double framesPerSecond,
      int rotation)
      throws Exception {
    Mat first = frames.get(0);
    try (FFmpegFrameRecorder recorder =
            new FFmpegFrameRecorder(file.toFile(), first.cols(), first.rows());
        OpenCVFrameConverter.ToMat converter = new OpenCVFrameConverter.ToMat()) {
      recorder.setVideoCodecName(encoder);
      recorder.setPixelFormat(pixelFormat);
      recorder.setFrameRate(framesPerSecond);
      recorder.setVideoBitrate(4_000_000);
      recorder.setDisplayRotation(rotation);
      recorder.start();
      for (Mat frame : frames) {
        recorder.record(converter.convert(frame));
      }
      recorder.stop();
    }
    return file;
  }

  /**
   * Writes BGR frames of one size as an MPEG-4 video, or as settings say, at 25 frames/s, or as
   * settings say.
   *
   * @param micros time of each frame
   * @param soundSeconds length of the silence beside the frames, from 0 on; none when 0
   */
  public static Path writeAt(
      Path file,
      List<Mat> frames,
      long[] micros,
      double soundSeconds,
      Consumer<FFmpegFrameRecorder> settings)
      throws Exception {
    Mat first = frames.get(0);
    try (FFmpegFrameRecorder recorder =
            new FFmpegFrameRecorder(
                file.toFile(), first.cols(), first.rows(), soundSeconds > 0 ? 1 : 0);
        OpenCVFrameConverter.ToMat converter = new OpenCVFrameConverter.ToMat()) {
      recorder.setVideoCodecName("mpeg4");
      recorder.setPixelFormat(AV_PIX_FMT_YUV420P);
      recorder.setFrameRate(25);
      recorder.setVideoBitrate(4_000_000);
      recorder.setAudioCodec(AV_CODEC_ID_AAC);
      recorder.setSampleRate(16_000);
      settings.accept(recorder);
      recorder.start();
      if (soundSeconds > 0) {
        for (int i = 0; i < Math.round(25 * soundSeconds); i++) {
          recorder.recordSamples(16_000, 1, ShortBuffer.allocate(640));
        }
      }
      for (int i = 0; i < frames.size(); i++) {
        recorder.setTimestamp(micros[i]);
        recorder.record(converter.convert(frames.get(i)));
      }
      recorder.stop();
    }
    return file;
  }

  /** Writes a second of silence without any picture. */
  public static Path writeSound(Path file) throws Exception {
    try (FFmpegFrameRecorder recorder = new FFmpegFrameRecorder(file.toFile(), 1)) {
      recorder.setAudioCodec(AV_CODEC_ID_AAC);
      recorder.setFormat("mp4");
      recorder.setSampleRate(16_000);
      recorder.start();
      recorder.recordSamples(16_000, 1, ShortBuffer.allocate(16_000));
      recorder.stop();
    }
    return file;
  }
}
