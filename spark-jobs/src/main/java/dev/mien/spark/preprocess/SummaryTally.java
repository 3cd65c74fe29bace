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
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Adds up a run's results batch by batch. URIs of copies and people make its memory grow. */
final class SummaryTally {

  private static final int SLOWEST = 5;
  private static final int EXAMPLES = 3;
  private static final String COPY = became(Tables.REJECTED, Reasons.SAME_CONTENT);

  private final SortedMap<String, String> unlisted = new TreeMap<>();
  private final SortedMap<String, Long> otherFiles = new TreeMap<>();
  private final SortedMap<String, Long> kept = new TreeMap<>();
  private final SortedMap<String, Long> prevented = new TreeMap<>();
  private final SortedMap<String, Long> outcomes = new TreeMap<>();
  private final SortedMap<String, SortedSet<String>> examples = new TreeMap<>();
  private final SortedMap<String, Long> dropped = new TreeMap<>();
  private final SortedMap<String, Long> problems = new TreeMap<>();
  private final Set<String> people = new HashSet<>();
  private final List<SlowVideo> slowest = new ArrayList<>();

  /**
   * URIs of the copies found. When the original changes later in the run, the copy is processed,
   * and its first outcome no longer counts.
   */
  private final Set<String> copies = new HashSet<>();

  private long datasetVersion;
  private boolean finished;
  private long unchanged;
  private long refreshed;
  private long moved;
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

  /** Notes the dataset's newest version. */
  void reach(DatasetVersion version) {
    datasetVersion = version.videos();
  }

  /** Notes that all of the run's work is done. */
  void finish() {
    finished = true;
  }

  /** Adds a batch as it was settled. */
  void add(Settlement settlement) {
    add(settlement.videos());
    moved += settlement.moved().size();
    addKept(settlement.kept());
    settlement.prevented().forEach((reason, count) -> prevented.merge(reason, count, Long::sum));
    addForgotten(settlement.forgotten());
  }

  /** Adds published videos. */
  void add(List<VideoRow> videos) {
    videos.forEach(this::add);
    slowest.sort(
        Comparator.comparingDouble(SlowVideo::workSeconds)
            .reversed()
            .thenComparing(SlowVideo::uri));
    slowest.subList(Math.min(SLOWEST, slowest.size()), slowest.size()).clear();
  }

  /** Adds folders that could not be listed, and why. */
  void addUnlisted(Map<String, String> folders) {
    unlisted.putAll(folders);
  }

  /** Adds how many files are no videos by their names, by extension. */
  void addOtherFiles(Map<String, Long> files) {
    otherFiles.putAll(files);
  }

  void addRefreshed(long videos) {
    refreshed += videos;
  }

  /** Adds how many videos stay as they are, by reason. */
  void addKept(Map<String, Long> videos) {
    videos.forEach((reason, count) -> kept.merge(reason, count, Long::sum));
  }

  /** Sets how many videos are not worked on, in place of what was said before. */
  void leaveUnchanged(long videos) {
    unchanged = videos;
  }

  void addForgotten(int videos) {
    forgotten += videos;
  }

  /** What a second of the run's processed videos took; the guess while none is processed. */
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
        moved,
        forgotten,
        outcomes,
        examples,
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

  private void add(VideoRow video) {
    if (copies.remove(video.uri())) {
      outcomes.computeIfPresent(COPY, (copy, count) -> count == 1 ? null : count - 1);
      examples.get(COPY).remove(video.uri());
    } else {
      videoBytes += video.size();
      for (String problem : video.problems()) {
        problems.merge(Reasons.general(problem), 1L, Long::sum);
      }
    }
    String became = became(video.outcome(), video.reason());
    outcomes.merge(became, 1L, Long::sum);
    if (became.equals(COPY)) {
      copies.add(video.uri());
    }
    if (!video.isProcessed()) {
      SortedSet<String> first = examples.computeIfAbsent(became, any -> new TreeSet<>());
      first.add(video.uri());
      if (first.size() > EXAMPLES) {
        first.remove(first.last());
      }
    }
    video.dropped().forEach((why, count) -> dropped.merge(why, (long) count, Long::sum));

    double seconds = video.seconds();
    double work = video.workSeconds();
    if (video.isProcessed()) {
      processed++;
      processedBytes += video.size();
      videoSeconds += seconds;
      processedWorkSeconds += work;
      if (video.person() != null) {
        people.add(video.person());
      }
    }
    slowest.add(new SlowVideo(video.uri(), work, seconds));
    workSeconds += work;
    clips += video.clips();
    frames += video.framesDecoded();
    clipBytes += video.clipBytes();
  }

  private static String became(String outcome, String reason) {
    return reason.isEmpty() ? outcome : outcome + ": " + Reasons.general(reason);
  }
}
