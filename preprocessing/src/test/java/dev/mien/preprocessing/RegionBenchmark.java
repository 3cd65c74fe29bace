package dev.mien.preprocessing;

import static org.bytedeco.opencv.global.opencv_core.CV_32FC3;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import dev.mien.preprocessing.clip.Clip;
import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.VideoPreprocessor;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.preprocessing.clip.VideoRequest;
import dev.mien.preprocessing.crop.CropGeometry;
import dev.mien.preprocessing.crop.Square;
import dev.mien.preprocessing.crop.SquareSampler;
import dev.mien.preprocessing.region.Region;
import dev.mien.preprocessing.track.Track;
import dev.mien.preprocessing.video.Decoder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.tensorflowlite.BuiltinOpResolver;
import org.bytedeco.tensorflowlite.FlatBufferModel;
import org.bytedeco.tensorflowlite.Interpreter;
import org.bytedeco.tensorflowlite.InterpreterBuilder;
import org.testng.SkipException;
import org.testng.annotations.Test;

/**
 * Prints how region maps agree with MediaPipe's six-class segmenter, in percent: {@code mvn -pl
 * preprocessing test -Dtest=RegionBenchmark -Dsegmenter=FILE}, with {@code -Dvideos=FOLDER} for
 * videos besides the samples.
 *
 * <p>A token is 16x16 pixels of a crop and has every region that one of its pixels has. Agreement
 * is intersection over union of the tokens that have hair, face (skin, eyes, nose or mouth) and
 * background, over four frames in the middle of each clip, which shows what it costs to hold a
 * mask. Lost are tokens that are hair to the segmenter, most of them or any pixel, and background
 * alone to us.
 */
public class RegionBenchmark {
  private static final int FRAMES = 4;
  private static final int TOKENS = 14;
  private static final int SIZE = 256;
  private static final int CLASSES = 6;
  private static final int HAIR = 1;
  private static final int FACE = 3;
  private static final int FACE_BITS =
      Region.SKIN.bit()
          | Region.NOSE.bit()
          | Region.MOUTH.bit()
          | Region.LEFT_EYE.bit()
          | Region.RIGHT_EYE.bit();

  private final PreprocessingOptions options = PreprocessingOptions.defaults();

  /** The map of a frame of a clip, and where it lies. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, not compared
  private record Keyframe(String trackId, int index, int offset, byte[] regions) {}

  @Test
  public void measure() throws Exception {
    String file = System.getProperty("segmenter");
    if (file == null) {
      throw new SkipException("No -Dsegmenter: the six-class model is not part of the project");
    }
    System.out.printf(
        "%-22s %6s %6s %6s %6s %9s %9s%n",
        "video", "frames", "hair", "face", "backg.", "lost most", "lost any");
    try (FlatBufferModel model = FlatBufferModel.BuildFromFile(file);
        BuiltinOpResolver resolver = new BuiltinOpResolver();
        InterpreterBuilder builder = new InterpreterBuilder(model, resolver);
        Interpreter interpreter = new Interpreter((Pointer) null);
        VideoPreprocessor preprocessor = VideoPreprocessor.open(options)) {
      builder.apply(interpreter);
      interpreter.AllocateTensors();
      for (Path video : TestVideos.all()) {
        measure(video, preprocessor, interpreter);
      }
    }
  }

  private void measure(Path video, VideoPreprocessor preprocessor, Interpreter interpreter)
      throws Exception {
    List<Keyframe> keyframes = new ArrayList<>();
    Map<String, Integer> offsets = new TreeMap<>();
    VideoReport report =
        preprocessor.process(
            new VideoRequest(video, "video", List.of()),
            clip -> keyframes.addAll(keyframes(clip, offsets)));
    Agreement agreement = new Agreement();
    try (Decoder decoder = Decoder.open(video, options.decode());
        SquareSampler sampler = new SquareSampler(SIZE);
        Mat image = new Mat();
        Mat rgb = new Mat()) {
      for (int frame = 0; decoder.next(); frame++) {
        for (Keyframe keyframe : keyframes) {
          Track track = track(report, keyframe);
          if (track.firstFrame() + keyframe.index() != frame) {
            continue;
          }
          int to = Math.min(track.scores().length, keyframe.offset() + 64);
          Square square =
              CropGeometry.MARLIN
                  .squares(track.boxes(), keyframe.offset(), to)[
                  keyframe.index() - keyframe.offset()];
          sampler.sample(decoder.frame(), square.scaled(2), image);
          cvtColor(image, rgb, COLOR_BGR2RGB);
          try (Mat input = new Mat(SIZE, SIZE, CV_32FC3, interpreter.typed_input_tensor_float(0))) {
            rgb.convertTo(input, CV_32FC3, 1 / 255.0, 0);
          }
          interpreter.Invoke();
          FloatBuffer scores =
              interpreter
                  .typed_output_tensor_float(0)
                  .capacity((long) SIZE * SIZE * CLASSES)
                  .asBuffer();
          agreement.add(keyframe.regions(), scores);
        }
      }
    }
    agreement.print(video.getParent().getFileName() + "/" + video.getFileName());
  }

  private static List<Keyframe> keyframes(Clip clip, Map<String, Integer> offsets) {
    int offset = offsets.merge(clip.trackId(), clip.frames(), Integer::sum) - clip.frames();
    int middle = clip.frames() / 2;
    return IntStream.range(middle, Math.min(middle + FRAMES, clip.frames()))
        .mapToObj(
            frame -> {
              byte[] map = Arrays.copyOfRange(clip.regions(), frame * 3136, (frame + 1) * 3136);
              return new Keyframe(clip.trackId(), offset + frame, offset, map);
            })
        .toList();
  }

  private static Track track(VideoReport report, Keyframe keyframe) {
    return report.tracks().stream()
        .filter(each -> each.trackId().equals(keyframe.trackId()))
        .findFirst()
        .orElseThrow();
  }

  /** Tokens counted over the keyframes of a video. */
  private static final class Agreement {
    private final int[] both = new int[3];
    private final int[] either = new int[3];
    private int frames;
    private int most;
    private int mostLost;
    private int any;
    private int anyLost;

    void add(byte[] regions, FloatBuffer scores) {
      if (regions[0] == 0) {
        return; // no landmarks
      }
      frames++;
      for (int token = 0; token < TOKENS * TOKENS; token++) {
        int ours = 0;
        for (int i = 0; i < 16; i++) {
          int y = token / TOKENS * 4 + i / 4;
          int x = token % TOKENS * 4 + i % 4;
          ours |= regions[56 * y + x];
        }
        int[] pixels = classes(token, scores);
        boolean[] has = {
          pixels[HAIR] > 0, pixels[FACE] > 0, pixels[0] + pixels[2] + pixels[4] + pixels[5] > 0
        };
        boolean[] we = {
          (ours & Region.HAIR.bit()) != 0,
          (ours & FACE_BITS) != 0,
          (ours & Region.BACKGROUND.bit()) != 0
        };
        for (int i = 0; i < 3; i++) {
          both[i] += has[i] && we[i] ? 1 : 0;
          either[i] += has[i] || we[i] ? 1 : 0;
        }
        boolean isBackground = ours == Region.BACKGROUND.bit();
        any += has[0] ? 1 : 0;
        anyLost += has[0] && isBackground ? 1 : 0;
        boolean isHair = pixels[HAIR] > Arrays.stream(pixels).sum() / 2;
        most += isHair ? 1 : 0;
        mostLost += isHair && isBackground ? 1 : 0;
      }
    }

    /** Pixels of each class in a token of the crop, which is the middle half of the image. */
    private static int[] classes(int token, FloatBuffer scores) {
      int[] pixels = new int[CLASSES];
      double step = SIZE / 2.0 / TOKENS;
      int top = (int) Math.round(SIZE / 4.0 + Math.floorDiv(token, TOKENS) * step);
      int left = (int) Math.round(SIZE / 4.0 + token % TOKENS * step);
      for (int y = top; y < Math.round(top + step); y++) {
        for (int x = left; x < Math.round(left + step); x++) {
          int at = (y * SIZE + x) * CLASSES;
          int best = 0;
          for (int i = 1; i < CLASSES; i++) {
            best = scores.get(at + i) > scores.get(at + best) ? i : best;
          }
          pixels[best]++;
        }
      }
      return pixels;
    }

    void print(String video) {
      System.out.printf(
          "%-22s %6d %6.1f %6.1f %6.1f %9.1f %9.1f%n",
          video,
          frames,
          100.0 * both[0] / Math.max(1, either[0]),
          100.0 * both[1] / Math.max(1, either[1]),
          100.0 * both[2] / Math.max(1, either[2]),
          100.0 * mostLost / Math.max(1, most),
          100.0 * anyLost / Math.max(1, any));
    }
  }
}
