package dev.mien.spark.preprocess;

import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.spark.config.PreprocessingSections;
import dev.mien.spark.dataset.DatasetFiles;
import dev.mien.spark.dataset.DatasetFiles.Difference;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/** Says a plan in words for a person. */
final class PlanText {

  private static final double HOUR = 3600;
  private static final double GIB = 1L << 30;

  private PlanText() {}

  /** Says what would be done, and about what it would take. */
  static String of(PreprocessPlan plan, DatasetFiles files, PreprocessingOptions options)
      throws IOException {
    StringBuilder text = new StringBuilder();
    Costs costs = plan.costs();
    line(
        text,
        "Would preprocess %d videos, about %.2f hours of video",
        plan.videos().size(),
        plan.seconds() / HOUR);
    line(
        text,
        "  about %.2f hours of one core and %.2f GiB of clips, %s",
        plan.seconds() * costs.work() / HOUR,
        plan.seconds() * costs.clipBytes() / GIB,
        costs.videos() == 0
            ? "a guess, as the dataset has no video to go by"
            : "by what " + costs.videos() + " videos of the dataset took");
    plan.counts().forEach((change, videos) -> line(text, "%8d %s", videos, change.text()));
    line(text, "%8d unchanged", plan.unchanged());
    plan.kept().forEach((reason, videos) -> line(text, "%8d %s, kept as they are", videos, reason));
    text.append(otherSettings(plan, files, options));
    return text.toString();
  }

  /** Says which folders could not be listed; empty when all were. */
  static String unlisted(SortedMap<String, String> folders) {
    StringBuilder text = new StringBuilder();
    folders.forEach((folder, problem) -> line(text, "Cannot list %s: %s", folder, problem));
    return text.toString();
  }

  /** Says how many files are passed over, by extension; empty when all are videos. */
  static String otherFiles(SortedMap<String, Long> files) {
    StringBuilder text = new StringBuilder();
    files.forEach(
        (extension, count) ->
            line(
                text,
                "%8d files are no videos by their names, unless listed: %s",
                count,
                extension));
    return text.toString();
  }

  /** Says which settings differ from those that made videos of the dataset; empty when none do. */
  static String otherSettings(PreprocessPlan plan, DatasetFiles files, PreprocessingOptions options)
      throws IOException {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, Long> pipeline : plan.otherSettings().entrySet()) {
      line(text, "%d videos to redo were made by other settings:", pipeline.getValue());
      text.append(differences(pipeline.getKey(), files, options));
    }
    return text.toString();
  }

  private static String differences(
      String pipeline, DatasetFiles files, PreprocessingOptions options) throws IOException {
    StringBuilder text = new StringBuilder();
    try {
      for (Difference setting : files.differences(pipeline, options.description())) {
        String key = PreprocessingSections.key(setting.name());
        line(text, "  %s: %s -> %s", key, setting.before(), setting.now());
      }
    } catch (FileNotFoundException e) {
      line(text, "  settings that the dataset does not have (pipeline %s)", pipeline);
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }
}
