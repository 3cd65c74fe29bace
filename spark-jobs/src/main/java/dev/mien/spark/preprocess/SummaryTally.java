package dev.mien.spark.preprocess;

import dev.mien.spark.dataset.DatasetVersion;
import dev.mien.spark.dataset.Reasons;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.preprocess.PreprocessSummary.SlowVideo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Row;

/** Adds up a run batch by batch; what it holds grows with the copies alone that the run finds. */
final class SummaryTally {

  private static final int SLOWEST = 5;
  private static final String COPY = became(Tables.REJECTED, Reasons.SAME_CONTENT);
  private static final int URI = Tables.VIDEOS.fieldIndex("uri");
  private static final int SIZE = Tables.VIDEOS.fieldIndex("size");
  private static final int PERSON = Tables.VIDEOS.fieldIndex("person_id");
  private static final int SECONDS = Tables.VIDEOS.fieldIndex("seconds");
  private static final int FRAMES = Tables.VIDEOS.fieldIndex("frames_decoded");
  private static final int CLIPS = Tables.VIDEOS.fieldIndex("clips");
  private static final int CLIP_BYTES = Tables.VIDEOS.fieldIndex("clip_bytes");
  private static final int OUTCOME = Tables.VIDEOS.fieldIndex("outcome");
  private static final int REASON = Tables.VIDEOS.fieldIndex("reason");
  private static final int DROPPED = Tables.VIDEOS.fieldIndex("dropped");
  private static final int PROBLEMS = Tables.VIDEOS.fieldIndex("problems");
  private static final int TIMES = Tables.VIDEOS.fieldIndex("times");

  private final SortedMap<String, String> unlisted = new TreeMap<>();
  private final SortedMap<String, Long> otherFiles = new TreeMap<>();
  private final SortedMap<String, Long> kept = new TreeMap<>();
  private final SortedMap<String, Long> prevented = new TreeMap<>();
  private final SortedMap<String, Long> outcomes = new TreeMap<>();
  private final SortedMap<String, Long> dropped = new TreeMap<>();
  private final SortedMap<String, Long> problems = new TreeMap<>();
  private final Set<String> people = new HashSet<>();
  private final List<SlowVideo> slowest = new ArrayList<>();

  /** One whose original changes later in the run is processed then: that is what became of it. */
  private final Set<String> copies = new HashSet<>();

  private long datasetVersion;
  private boolean finished;
  private long unchanged;
  private long refreshed;
  private long forgotten;
  private long clips;
  private long frames;
  private long processed;
  private long processedBytes;
  private double videoSeconds;
  private double processedWorkSeconds;
  private double workSeconds;
  private long videoBytes;
  private long clipBytes;

  SummaryTally(DatasetVersion before) {
    reach(before);
  }

  /** The dataset's version is another now. */
  void reach(DatasetVersion version) {
    datasetVersion = version.videos();
  }

  /** All of the run's work is done. */
  void finish() {
    finished = true;
  }

  /** Rows of {@link Tables#VIDEOS} as {@link ArtefactRows} made them. */
  void add(List<Row> videos) {
    videos.forEach(this::add);
    slowest.sort(
        Comparator.comparingDouble(SlowVideo::workSeconds)
            .reversed()
            .thenComparing(SlowVideo::uri));
    slowest.subList(Math.min(SLOWEST, slowest.size()), slowest.size()).clear();
  }

  /** Folders whose videos are not known, and why. */
  void addUnlisted(Map<String, String> folders) {
    unlisted.putAll(folders);
  }

  /** Files that are no videos by their names, by extension. */
  void addOtherFiles(Map<String, Long> files) {
    otherFiles.putAll(files);
  }

  void addRefreshed(long videos) {
    refreshed += videos;
  }

  /** Videos by the reason why they stay as they are. */
  void addKept(Map<String, Long> videos) {
    videos.forEach((reason, count) -> kept.merge(reason, count, Long::sum));
  }

  /** Videos worked on before, by what prevented it now. */
  void addPrevented(Map<String, Long> videos) {
    videos.forEach((reason, count) -> prevented.merge(reason, count, Long::sum));
  }

  /** So many are not worked on, whatever was said before. */
  void leaveUnchanged(long videos) {
    unchanged = videos;
  }

  void addForgotten(int videos) {
    forgotten += videos;
  }

  /** What the run's processed videos took; what was guessed while there is none. */
  Costs costs(Costs guessed) {
    return videoSeconds == 0
        ? guessed
        : new Costs(
            processedBytes / videoSeconds,
            processedWorkSeconds / videoSeconds,
            clipBytes / videoSeconds,
            processed);
  }

  PreprocessSummary summary(String settings, double wallSeconds) {
    return new PreprocessSummary(
        datasetVersion,
        finished,
        settings,
        unlisted,
        otherFiles,
        unchanged,
        kept,
        prevented,
        refreshed,
        forgotten,
        outcomes,
        dropped,
        problems,
        people.size(),
        clips,
        frames,
        videoSeconds,
        processedWorkSeconds,
        workSeconds,
        wallSeconds,
        videoBytes,
        clipBytes,
        List.copyOf(slowest));
  }

  private void add(Row video) {
    if (copies.remove(video.getString(URI))) {
      outcomes.computeIfPresent(COPY, (copy, count) -> count == 1 ? null : count - 1);
    } else {
      videoBytes += video.getLong(SIZE);
      for (Object problem : (Object[]) video.get(PROBLEMS)) {
        problems.merge(Reasons.general((String) problem), 1L, Long::sum);
      }
    }
    String became = became(video.getString(OUTCOME), video.getString(REASON));
    outcomes.merge(became, 1L, Long::sum);
    if (became.equals(COPY)) {
      copies.add(video.getString(URI));
    }
    video
        .<String, Integer>getJavaMap(DROPPED)
        .forEach((why, count) -> dropped.merge(why, (long) count, Long::sum));

    double seconds = video.isNullAt(SECONDS) ? 0 : video.getDouble(SECONDS);
    double work = work(video.getStruct(TIMES));
    if (Duplicates.isProcessed(video)) {
      processed++;
      processedBytes += video.getLong(SIZE);
      videoSeconds += seconds;
      processedWorkSeconds += work;
      if (!video.isNullAt(PERSON)) {
        people.add(video.getString(PERSON));
      }
    }
    slowest.add(new SlowVideo(video.getString(URI), work, seconds));
    workSeconds += work;
    clips += video.getInt(CLIPS);
    frames += video.getInt(FRAMES);
    clipBytes += video.getLong(CLIP_BYTES);
  }

  private static String became(String outcome, String reason) {
    return reason.isEmpty() ? outcome : outcome + ": " + Reasons.general(reason);
  }

  private static double work(Row times) {
    double work = 0;
    for (int stage = 0; stage < times.size(); stage++) {
      work += times.getDouble(stage);
    }
    return work;
  }
}
