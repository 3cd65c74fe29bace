package dev.mien.spark.preprocess;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.mien.spark.dataset.Tables;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * What a run of preprocessing did. Reasons are without their details.
 *
 * @param datasetVersion version of the dataset afterwards
 * @param finished whether the run came to its end; otherwise it failed, and the next run goes on
 * @param settings fingerprint of the settings
 * @param unlisted folders below the inputs that could not be listed, with the reason; their known
 *     videos stay
 * @param otherFiles files at the inputs that are not videos by their names, by extension
 * @param unchanged videos that were in the dataset already
 * @param kept videos that stay as the dataset has them, by reason: listed without a file, or tried
 *     again with the same outcome
 * @param prevented videos that were processed before and could not be read or decoded now, by what
 *     prevented it; they stay as the dataset has them
 * @param refreshed videos that were only touched: same bytes, another time
 * @param moved processed videos that were known by another name, whose file is gone
 * @param forgotten videos left out because they, or the person they show, were erased
 * @param outcomes videos by outcome and reason
 * @param examples the first few URIs of the videos of each outcome and reason but {@code processed}
 * @param dropped tracks and clips left out, by reason
 * @param problems videos by what was wrong with their metadata
 * @param people persons with a processed video in this run
 * @param clips clips written
 * @param frames source frames decoded
 * @param videoSeconds length of the processed videos
 * @param processedWorkSeconds seconds that cores spent on the frames of the processed videos
 * @param workSeconds seconds that cores spent on the frames of all videos
 * @param wallSeconds from the first listing to the last commit
 * @param videoBytes bytes of the files that were read
 * @param clipBytes bytes of the frames that were stored
 * @param slowest the videos that took longest, the slowest first
 */
public record PreprocessSummary(
    long datasetVersion,
    boolean finished,
    String settings,
    SortedMap<String, String> unlisted,
    SortedMap<String, Long> otherFiles,
    long unchanged,
    SortedMap<String, Long> kept,
    SortedMap<String, Long> prevented,
    long refreshed,
    long moved,
    long forgotten,
    SortedMap<String, Long> outcomes,
    SortedMap<String, SortedSet<String>> examples,
    SortedMap<String, Long> dropped,
    SortedMap<String, Long> problems,
    long people,
    long clips,
    long frames,
    double videoSeconds,
    double processedWorkSeconds,
    double workSeconds,
    double wallSeconds,
    long videoBytes,
    long clipBytes,
    List<SlowVideo> slowest) {

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /** Seconds of work from which on {@link #text} names a video as slow. */
  private static final double LONG = 60;

  private static final double HOUR = 3600;
  private static final double GIB = 1L << 30;

  /**
   * What one video took.
   *
   * @param workSeconds seconds that a core spent on its frames
   * @param videoSeconds its length; 0 when it did not open
   */
  public record SlowVideo(String uri, double workSeconds, double videoSeconds) {}

  /**
   * The share of this run's videos that were rejected, quarantined or prevented; 0 when there were
   * no videos.
   */
  public double failedShare() {
    long all = sum(outcomes) + sum(prevented);
    return all == 0 ? 0 : 1 - outcomes.getOrDefault(Tables.PROCESSED, 0L) / (double) all;
  }

  /**
   * Seconds of video that a core works through in a second; 0 when no video was processed. Only
   * processed videos count: what others claim to last may be wrong, and work on them ends early.
   */
  public double realTimeFactor() {
    return processedWorkSeconds == 0 ? 0 : videoSeconds / processedWorkSeconds;
  }

  /** Source frames decoded in a second of the whole run, on all its cores; 0 when it took none. */
  public double framesPerSecond() {
    return wallSeconds == 0 ? 0 : frames / wallSeconds;
  }

  /** Every component and rate by its name, as JSON. */
  public String json() {
    return GSON.toJson(tree());
  }

  /** The JSON without the names of videos and folders, which name people. */
  public String namelessJson() {
    JsonObject nameless = tree();
    nameless.remove("examples");
    nameless.remove("slowest");
    nameless.remove("unlisted");
    nameless.remove("otherFiles"); // what follows a name's last dot may be a name
    return GSON.toJson(nameless);
  }

  private JsonObject tree() {
    JsonObject tree = GSON.toJsonTree(this).getAsJsonObject();
    tree.addProperty("framesPerSecond", framesPerSecond());
    tree.addProperty("realTimeFactor", realTimeFactor());
    return tree;
  }

  /** The summary in a few lines for a person. */
  public String text() {
    StringBuilder text = new StringBuilder();
    if (!finished) {
      line(text, "Not finished: the run failed when this was done, and the next one goes on");
    }
    line(
        text,
        "%d clips (%.2f GiB) of %d people from %.2f hours of video (%.2f GiB)",
        clips,
        clipBytes / GIB,
        people,
        videoSeconds / HOUR,
        videoBytes / GIB);
    line(
        text,
        "%d frames in %.0f s: %.1f frames/s; a core works %.1f times as fast as real time",
        frames,
        wallSeconds,
        framesPerSecond(),
        realTimeFactor());
    outcomes.forEach(
        (outcome, videos) -> {
          line(text, "%8d %s", videos, outcome);
          SortedSet<String> named = examples.getOrDefault(outcome, Collections.emptySortedSet());
          named.forEach(uri -> line(text, "           %s", uri));
          if (!named.isEmpty() && videos > named.size()) {
            line(text, "           and others, with all details in the table of videos");
          }
        });
    prevented.forEach(
        (reason, videos) -> line(text, "%8d %s, kept as they were before", videos, reason));
    if (refreshed > 0) {
      line(text, "%8d touched only: same bytes, another time", refreshed);
    }
    if (moved > 0) {
      line(text, "%8d of the processed were known by another name, whose file is gone", moved);
    }
    if (unchanged > 0) {
      line(text, "%8d unchanged, left as they are", unchanged);
    }
    kept.forEach((reason, videos) -> line(text, "%8d %s, kept as they are", videos, reason));
    if (forgotten > 0) {
      line(text, "%8d forgotten, not taken in", forgotten);
    }
    dropped.forEach((reason, count) -> line(text, "%8d dropped %s", count, reason));
    problems.forEach((problem, videos) -> line(text, "%8d videos with %s", videos, problem));
    text.append(PlanText.otherFiles(otherFiles));
    text.append(PlanText.unlisted(unlisted));
    for (SlowVideo video : slowest) {
      if (video.workSeconds() >= LONG) {
        line(
            text,
            "  slow: %.1f s of work for %.1f s of video, %s",
            video.workSeconds(),
            video.videoSeconds(),
            video.uri());
      }
    }
    return text.toString();
  }

  private static long sum(SortedMap<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }
}
