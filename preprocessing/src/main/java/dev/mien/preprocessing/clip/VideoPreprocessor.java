package dev.mien.preprocessing.clip;

import static org.bytedeco.opencv.global.opencv_core.setNumThreads;

import dev.mien.preprocessing.detect.FaceDetector;
import dev.mien.preprocessing.detect.FaceLandmarker;
import dev.mien.preprocessing.track.ExpectedFace;
import dev.mien.preprocessing.track.FaceChoice;
import dev.mien.preprocessing.track.FaceSelection;
import dev.mien.preprocessing.track.FaceSequence;
import dev.mien.preprocessing.track.FaceTracker;
import dev.mien.preprocessing.video.BrokenVideoException;
import dev.mien.preprocessing.video.Decoder;
import dev.mien.preprocessing.video.ShotDetector;
import dev.mien.preprocessing.video.UnsupportedVideoException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Reads a video, tracks its faces and hands over its clips. Not thread-safe; close it. Make one per
 * task and reuse it for many videos.
 *
 * <p>A video is read twice: first to follow the faces, whose boxes, scores and landmarks go to a
 * temporary file, then to cut the crops at the smoothed positions. Frames of the first pass that
 * the decoder holds are not decoded again. Memory is bounded: besides the held frames there is one
 * frame and, for each face in it, one open clip; a frame and face more cost about a hundred bytes,
 * and the thumbnails of a video's tracks, at most 1024, some 10 KiB each. The temporary file takes
 * up to 3780 bytes for each frame and face: half an hour of 16 faces takes 3.3 GB.
 */
public final class VideoPreprocessor implements AutoCloseable {
  // The video's copy, its clips and Spark's copy of these may lie on the same disk.
  private static final double DISK_SHARE = 0.25;

  private final PreprocessingOptions options;
  private final FaceDetector detector;
  private final FaceLandmarker landmarker;
  private final ClipCutter cutter;
  private final double diskShare;
  private volatile int frame;

  private VideoPreprocessor(PreprocessingOptions options, double diskShare) {
    this.options = options;
    this.diskShare = diskShare;
    this.detector = FaceDetector.open(options.detection(), options.threads());
    this.landmarker = FaceLandmarker.open(options.threads());
    this.cutter = new ClipCutter(options);
  }

  /**
   * Loads the models. Sets OpenCV's number of threads, which is a setting of the process, to that
   * of the options.
   *
   * @throws IllegalStateException when a model is missing, altered, or cannot run here
   */
  public static VideoPreprocessor open(PreprocessingOptions options) {
    return open(options, DISK_SHARE);
  }

  static VideoPreprocessor open(PreprocessingOptions options, double diskShare) {
    setNumThreads(options.threads());
    return new VideoPreprocessor(options, diskShare);
  }

  /**
   * The index of the frame that the current pass has reached. Any thread may ask, to see whether
   * there is progress.
   */
  public int frame() {
    return frame;
  }

  /**
   * Calls {@code clips} for each clip as soon as its last frame is cut: the clips of a track in
   * order, and those of different tracks by last frame and then by track. Returns the video's
   * report; when its outcome is not {@link Outcome#PROCESSED}, the clips handed over must be
   * dropped.
   *
   * @throws IOException when the file is missing or cannot be read at all; bad content is an
   *     outcome
   * @throws UncheckedIOException when the temporary file cannot be written, as when its disk is
   *     full
   */
  public VideoReport process(VideoRequest request, Consumer<Clip> clips) throws IOException {
    Path video = request.file();
    if (!Files.isRegularFile(video)) {
      throw new NoSuchFileException(video.toString(), null, "not a file");
    }
    if (!Files.isReadable(video)) {
      throw new AccessDeniedException(video.toString(), null, "may not be read");
    }
    cutter.resetTimes();
    VideoRun run = new VideoRun(cutter);
    if (Files.size(video) == 0) {
      return run.report(Outcome.QUARANTINED, "empty file");
    }
    try (Decoder decoder = open(video, run);
        FaceTracker tracker =
            new FaceTracker(
                detector, landmarker, options.track(), options.detection().presence(), diskShare)) {
      return process(decoder, tracker, request, clips, run);
    } catch (UnsupportedVideoException e) {
      return run.report(Outcome.REJECTED, e.getMessage());
    } catch (BrokenVideoException e) {
      return run.report(Outcome.QUARANTINED, e.getMessage());
    }
  }

  private VideoReport process(
      Decoder decoder,
      FaceTracker tracker,
      VideoRequest request,
      Consumer<Clip> clips,
      VideoRun run)
      throws BrokenVideoException {
    if (!decoder.hasVideo()) {
      return run.report(Outcome.REJECTED, "no video stream: " + decoder.otherContent());
    }
    run.probe =
        new VideoProbe(
            decoder.width(),
            decoder.height(),
            decoder.sourceFramesPerSecond(),
            decoder.framesPromised(),
            decoder.seconds(),
            decoder.codec(),
            decoder.rotation());
    String unsuitable = unsuitable(run.probe);
    if (!unsuitable.isEmpty()) {
      return run.report(Outcome.REJECTED, unsuitable);
    }
    List<Integer> dissolves = follow(decoder, tracker, run);
    if (run.framesDecoded == 0) {
      return run.report(Outcome.QUARANTINED, "no frame decoded");
    }
    if (!tracker.lackOfRoom().isEmpty()) {
      return run.report(Outcome.QUARANTINED, tracker.lackOfRoom());
    }
    if (run.framesDecoded > options.decode().maximumFrames()) {
      return run.report(Outcome.REJECTED, tooLong("more than"));
    }
    if (decoder.decodedShare() < options.decode().minimumDecodedShare()) {
      return run.report(Outcome.QUARANTINED, "decoding stopped early: " + decoder.progress());
    }
    List<FaceSequence> sequences = tracker.finish(dissolves);
    if (sequences.isEmpty()) {
      return run.report(Outcome.REJECTED, noTrack(tracker.longestFrames()));
    }
    int found = sequences.size();
    long[] micros = run.micros.build().toArray();
    sequences = select(sequences, micros, request.expected(), run);
    if (sequences.isEmpty()) {
      return run.report(
          Outcome.REJECTED, "no track of an expected face: none of %d agrees".formatted(found));
    }
    return cut(
        decoder,
        new TrackCutter(request.videoId(), sequences, micros, options, cutter),
        clips,
        run);
  }

  /** Runs the second pass. */
  private VideoReport cut(Decoder decoder, TrackCutter tracks, Consumer<Clip> clips, VideoRun run)
      throws BrokenVideoException {
    try (tracks) {
      rewind(decoder, run);
      while (!tracks.isDone() && next(decoder, run)) {
        tracks.accept(() -> pixels(decoder, run), clips);
      }
      run.thumbnailNanos = tracks.thumbnailNanos();
      if (!tracks.isDone()) {
        return run.report(Outcome.QUARANTINED, "decoding stopped early: second pass");
      }
      tracks
          .refused()
          .forEach((figure, clipCount) -> run.dropped.put("clip: " + figure, clipCount));
      run.tracks = tracks.tracks();
    }
    if (run.tracks.isEmpty()) {
      String figures =
          tracks.refused().entrySet().stream()
              .map(figure -> figure.getKey() + " " + figure.getValue())
              .collect(Collectors.joining(", "));
      return run.report(Outcome.REJECTED, "every clip filtered out: " + figures);
    }
    return run.report(Outcome.PROCESSED, "");
  }

  private List<Integer> follow(Decoder decoder, FaceTracker tracker, VideoRun run)
      throws BrokenVideoException {
    try (ShotDetector shots = new ShotDetector()) {
      while (decoder.sourceFrames() <= options.decode().maximumFrames()
          && tracker.lackOfRoom().isEmpty()
          && next(decoder, run)) {
        long start = System.nanoTime();
        int shot = shots.accept(decoder.unturned(), decoder.followsHole());
        run.decodeNanos += System.nanoTime() - start;
        tracker.accept(() -> pixels(decoder, run), shot);
        run.micros.add(decoder.timestampMicros());
      }
      return shots.dissolves();
    } finally {
      run.framesDecoded = decoder.sourceFrames();
      run.notices.addAll(decoder.notices());
      run.detectNanos = tracker.detectNanos();
      run.landmarkNanos = tracker.landmarkNanos();
    }
  }

  /** Keeps the tracks of the person that the video is meant to show. */
  private List<FaceSequence> select(
      List<FaceSequence> found, long[] micros, List<ExpectedFace> expected, VideoRun run) {
    int width = run.probe.width();
    int height = run.probe.height();
    FaceChoice choice = options.track().choice();
    boolean byPlace = !expected.isEmpty();
    if (byPlace && isCropOfVoxCeleb2(width, height)) {
      byPlace = false;
      choice = FaceChoice.UPPER_CENTRAL;
      run.notices.add("expected faces not used: 224x224 is cut by VoxCeleb2 around the person");
    }

    List<FaceSequence> selected =
        byPlace
            ? FaceSelection.expected(found, expected, micros, width, height)
            : switch (choice) {
              case EVERYBODY -> found;
              case UPPER_CENTRAL -> FaceSelection.upperCentral(found, micros.length, width, height);
            };
    if (selected.size() < found.size()) {
      run.dropped.put("track: another face", found.size() - selected.size());
    }
    return selected;
  }

  /**
   * Whether the video has the size of VoxCeleb2's crops, cut around the face by its authors, to
   * which boxes of the uncut video do not apply.
   */
  private static boolean isCropOfVoxCeleb2(int width, int height) {
    return width == 224 && height == 224;
  }

  private Decoder open(Path video, VideoRun run) throws BrokenVideoException {
    frame = 0;
    long start = System.nanoTime();
    try {
      return Decoder.open(video, options.decode());
    } finally {
      run.decodeNanos += System.nanoTime() - start;
    }
  }

  private static void rewind(Decoder decoder, VideoRun run) throws BrokenVideoException {
    long start = System.nanoTime();
    decoder.rewind();
    run.decodeNanos += System.nanoTime() - start;
  }

  private boolean next(Decoder decoder, VideoRun run) throws BrokenVideoException {
    long start = System.nanoTime();
    try {
      return decoder.next();
    } finally {
      frame = decoder.sourceFrames();
      run.decodeNanos += System.nanoTime() - start;
    }
  }

  /** The frame, converted to BGR when this is called. */
  private static Mat pixels(Decoder decoder, VideoRun run) {
    long start = System.nanoTime();
    try {
      return decoder.frame();
    } finally {
      run.decodeNanos += System.nanoTime() - start;
    }
  }

  private String unsuitable(VideoProbe probe) {
    int side = options.decode().maximumSide();
    if (probe.width() > side || probe.height() > side) {
      return "frame too large: %dx%d (at most %d)".formatted(probe.width(), probe.height(), side);
    }
    if (probe.framesPromised() > options.decode().maximumFrames()) {
      return tooLong(probe.framesPromised() + " promised, at most");
    }
    return "";
  }

  private String tooLong(String relation) {
    return "too many frames: " + relation + " " + options.decode().maximumFrames();
  }

  private String noTrack(int longest) {
    return longest == 0
        ? "no face found"
        : String.format(
            Locale.ROOT,
            "no face track: longest %d frames (at least %d with landmarks in %.0f %%)",
            longest,
            options.track().minimumFrames(),
            100 * options.track().minimumLandmarkShare());
  }

  @Override
  public void close() {
    cutter.close();
    landmarker.close();
    detector.close();
  }
}
