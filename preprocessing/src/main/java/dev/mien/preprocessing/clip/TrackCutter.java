package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.track.FaceSequence;
import dev.mien.preprocessing.track.Sighting;
import dev.mien.preprocessing.track.Track;
import dev.mien.preprocessing.track.TrackQuality;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.bytedeco.opencv.opencv_core.Mat;

/** The second pass over one video: cuts the clips of all its tracks. Close it. */
final class TrackCutter implements AutoCloseable {
  private final List<FaceSequence> sequences;
  private final PreprocessingOptions options;
  private final ClipCutter cutter;
  private final List<String> ids = new ArrayList<>();
  private final List<float[]> boxes = new ArrayList<>();
  private final List<ThumbnailCollector> thumbnails = new ArrayList<>();
  private final Deque<ClipPlan> waiting = new ArrayDeque<>();
  private final List<OpenClip> open = new ArrayList<>();
  private final long[] timestamps;
  private int frame = -1;

  TrackCutter(
      String videoId,
      List<FaceSequence> sequences,
      PreprocessingOptions options,
      ClipCutter cutter) {
    this.sequences = sequences;
    this.options = options;
    this.cutter = cutter;
    List<ClipPlan> plans = new ArrayList<>();
    int end = 0;
    for (FaceSequence sequence : sequences) {
      String id = String.format(Locale.ROOT, "%s-t%03d", videoId, ids.size());
      float[] smoothed = sequence.smoothedBoxes(options.track().smoothingWindow());
      ids.add(id);
      boxes.add(smoothed);
      thumbnails.add(new ThumbnailCollector(sequence, options.clip().thumbnails()));
      plans.addAll(
          ClipPlan.of(
              id, sequence, smoothed, options.crop().geometry(), options.clip().maximumFrames()));
      end = Math.max(end, sequence.firstFrame() + sequence.frames());
    }
    plans.sort(Comparator.comparing(ClipPlan::firstFrame)); // stable: then by track
    waiting.addAll(plans);
    timestamps = new long[end];
  }

  boolean isDone() {
    return waiting.isEmpty() && open.isEmpty();
  }

  /** Takes the next frame and hands over the clips that end with it. */
  void accept(Mat image, long timestampMicros, Consumer<Clip> clips) {
    frame++;
    timestamps[frame] = timestampMicros;
    while (!waiting.isEmpty() && waiting.peek().firstFrame() == frame) {
      open.add(new OpenClip(waiting.remove(), options.frameFormat()));
    }
    thumbnails.forEach(collector -> collector.accept(image, frame));
    open.sort(Comparator.comparing(clip -> clip.plan().trackId()));
    for (Iterator<OpenClip> each = open.iterator(); each.hasNext(); ) {
      OpenClip clip = each.next();
      cutter.cut(image, timestampMicros, clip);
      if (clip.plan().lastFrame() == frame) {
        each.remove();
        try (clip) {
          clips.accept(clip.clip());
        }
      }
    }
  }

  /** The tracks, once done. */
  List<Track> tracks() {
    List<Track> tracks = new ArrayList<>();
    for (int i = 0; i < sequences.size(); i++) {
      FaceSequence sequence = sequences.get(i);
      int from = sequence.firstFrame();
      tracks.add(
          new Track(
              ids.get(i),
              sequence.shot(),
              from,
              Arrays.copyOfRange(timestamps, from, from + sequence.frames()),
              boxes.get(i),
              sequence.scores(),
              thumbnails.get(i).thumbnails(),
              quality(sequence, boxes.get(i))));
    }
    return tracks;
  }

  private TrackQuality quality(FaceSequence sequence, float[] smoothed) {
    int n = sequence.frames();
    double score = 0;
    double presence = 0;
    int confirmed = 0;
    float[] sides = new float[n];
    for (int i = 0; i < n; i++) {
      Sighting sighting = sequence.sightings().get(i);
      score += sighting.score();
      presence += sighting.landmarks().presence();
      confirmed += sighting.landmarks().presence() >= options.detection().presence() ? 1 : 0;
      sides[i] = Math.max(smoothed[4 * i + 2], smoothed[4 * i + 3]);
    }
    Arrays.sort(sides);
    return new TrackQuality(
        (float) (score / n), (float) (presence / n), (float) confirmed / n, sides[n / 2]);
  }

  @Override
  public void close() {
    open.forEach(OpenClip::close);
    open.clear();
  }
}
