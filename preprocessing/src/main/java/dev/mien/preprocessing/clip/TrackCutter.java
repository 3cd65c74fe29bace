package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.track.FaceQuality;
import dev.mien.preprocessing.track.FaceSequence;
import dev.mien.preprocessing.track.Track;
import dev.mien.preprocessing.video.UnsupportedVideoException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * The second pass over a video: cuts the clips of all its tracks that pass the filter. Close it.
 */
final class TrackCutter implements AutoCloseable {
  private final List<FaceSequence> sequences;
  private final PreprocessingOptions options;
  private final ClipCutter cutter;
  private final List<String> ids = new ArrayList<>();
  private final List<float[]> boxes = new ArrayList<>();
  private final List<ThumbnailCollector> thumbnails = new ArrayList<>();
  private final FrameShrinker shrinker = new FrameShrinker();
  private final Map<String, PixelFigures> pixels = new TreeMap<>();
  private final Map<String, Integer> refused = new TreeMap<>();
  private final Deque<ClipPlan> waiting = new ArrayDeque<>();
  private final List<OpenClip> open = new ArrayList<>();
  private final long[] micros;
  private int frame = -1;

  /**
   * @param micros {@code [n]} times of all kept frames of the video
   */
  TrackCutter(
      String videoId,
      List<FaceSequence> sequences,
      long[] micros,
      PreprocessingOptions options,
      ClipCutter cutter) {
    this.sequences = sequences;
    this.micros = micros;
    this.options = options;
    this.cutter = cutter;
    List<ClipPlan> plans = new ArrayList<>();
    for (FaceSequence sequence : sequences) {
      int most = options.clip().thumbnails(ids.size(), sequences.size());
      String id = String.format(Locale.ROOT, "%s-t%03d", videoId, ids.size());
      float[] smoothed = sequence.smoothedBoxes(options.track().smoothingWindow());
      ids.add(id);
      boxes.add(smoothed);
      List<ClipPlan> passing =
          ClipPlan.of(id, sequence, smoothed, options).stream()
              .filter(plan -> passes(options.filter().refusedUnseen(plan.quality())))
              .toList();
      plans.addAll(passing);
      thumbnails.add(new ThumbnailCollector(sequence, passing.isEmpty() ? 0 : most));
    }
    plans.sort(
        Comparator.comparing(
            ClipPlan::firstFrame)); // a stable sort: equal ones stay in the order of tracks
    waiting.addAll(plans);
  }

  /** Whether no later frame is needed, for clips or for thumbnails of tracks that have clips. */
  boolean isDone() {
    return waiting.isEmpty()
        && open.isEmpty()
        && IntStream.range(0, sequences.size())
            .filter(i -> pixels.containsKey(ids.get(i)))
            .allMatch(i -> thumbnails.get(i).isDone());
  }

  /**
   * Takes the next frame and hands over the clips that end with it.
   *
   * @param image the frame's pixels, evaluated only when they are needed
   * @throws UnsupportedVideoException when one of its clips is too large
   */
  void accept(Supplier<Mat> image, Consumer<Clip> clips) throws UnsupportedVideoException {
    frame++;
    while (!waiting.isEmpty() && waiting.peek().firstFrame() == frame) {
      open.add(new OpenClip(waiting.remove(), options.frameFormat()));
    }
    thumbnails.forEach(collector -> collector.accept(frame, () -> shrinker.picture(frame, image)));
    open.sort(Comparator.comparing(clip -> clip.plan().trackId()));
    for (Iterator<OpenClip> each = open.iterator(); each.hasNext(); ) {
      OpenClip clip = each.next();
      cutter.cut(image.get(), micros[frame], clip);
      if (clip.plan().lastFrame() == frame) {
        each.remove();
        try (clip) {
          close(clip, clips);
        }
      }
    }
  }

  private void close(OpenClip clip, Consumer<Clip> clips) {
    FaceQuality quality = clip.quality();
    if (passes(options.filter().refusedSeen(quality))) {
      pixels.merge(
          clip.plan().trackId(), PixelFigures.of(quality, clip.plan().frames()), PixelFigures::and);
      clips.accept(clip.clip());
    }
  }

  private boolean passes(Optional<String> refusal) {
    refusal.ifPresent(figure -> refused.merge(figure, 1, Integer::sum));
    return refusal.isEmpty();
  }

  /** Time spent on thumbnails. */
  long thumbnailNanos() {
    return shrinker.nanos();
  }

  /** How many clips the filter refused, by figure. */
  Map<String, Integer> refused() {
    return refused;
  }

  /** The tracks that have clips, once all are cut. */
  List<Track> tracks() {
    List<Track> tracks = new ArrayList<>();
    for (int i = 0; i < sequences.size(); i++) {
      FaceSequence sequence = sequences.get(i);
      PixelFigures figures = pixels.get(ids.get(i));
      if (figures == null) {
        continue;
      }
      int from = sequence.firstFrame();
      FaceQuality quality =
          sequence.quality(0, sequence.frames(), boxes.get(i), options.detection().presence());
      tracks.add(
          new Track(
              ids.get(i),
              sequence.shot(),
              from,
              Arrays.copyOfRange(micros, from, from + sequence.frames()),
              boxes.get(i),
              sequence.scores(),
              thumbnails.get(i).thumbnails(),
              figures.in(quality)));
    }
    return tracks;
  }

  /** Sums over frames of the figures that are measured in pixels. */
  private record PixelFigures(int frames, double sharpness, double brightness, double motion) {
    static PixelFigures of(FaceQuality clip, int frames) {
      return new PixelFigures(
          frames,
          (double) clip.sharpness() * frames,
          (double) clip.brightness() * frames,
          (double) clip.motion() * frames);
    }

    PixelFigures and(PixelFigures other) {
      return new PixelFigures(
          frames + other.frames,
          sharpness + other.sharpness,
          brightness + other.brightness,
          motion + other.motion);
    }

    FaceQuality in(FaceQuality quality) {
      return quality.withPixels(
          (float) (sharpness / frames), (float) (brightness / frames), (float) (motion / frames));
    }
  }

  @Override
  public void close() {
    open.forEach(OpenClip::close);
    open.clear();
  }
}
