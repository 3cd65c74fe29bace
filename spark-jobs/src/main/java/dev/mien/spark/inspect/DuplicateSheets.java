package dev.mien.spark.inspect;

import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.preprocessing.picture.Drawing;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.clip.ChosenClips;
import dev.mien.spark.dataset.clip.StoredClip;
import dev.mien.spark.draw.ClipPictures;
import dev.mien.spark.inspect.Report.Picture;
import dev.mien.spark.inspect.Report.Redundancy;
import dev.mien.spark.inspect.Report.RedundancyLevel;
import dev.mien.spark.inspect.Report.Sheet;
import dev.mien.spark.inspect.Report.Strip;
import dev.mien.spark.redundancy.NearDuplicates;
import dev.mien.spark.redundancy.RedundancyReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/** Draws groups of near-duplicates side by side, the clip to keep first. */
final class DuplicateSheets {

  /** How many clips of a group are drawn at most: one row. */
  private static final int MEMBERS = ContactSheet.COLUMNS;

  private DuplicateSheets() {}

  /**
   * Draws the largest groups; empty when near-duplicates have not been looked for in this version.
   */
  static Optional<Redundancy> draw(SparkSession spark, FaceVideoDataset dataset, int groups) {
    return NearDuplicates.read(spark, dataset, groups, MEMBERS).map(found -> draw(dataset, found));
  }

  private static Redundancy draw(FaceVideoDataset dataset, NearDuplicates found) {
    List<String> ids =
        found.groups().stream().flatMap(List::stream).map(NearDuplicates.Member::clipId).toList();
    Map<String, StoredClip> clips =
        middles(dataset, ids).stream()
            .collect(Collectors.toMap(StoredClip::clipId, Function.identity()));
    List<Sheet> sheets = new ArrayList<>();
    try (FrameDecoder decoder = new FrameDecoder()) {
      for (int number = 0; number < found.groups().size(); number++) {
        sheets.add(sheet(number, found, clips, decoder));
      }
    }
    return new Redundancy(summary(found.report()), levels(found.report()), sheets);
  }

  /** Clips reduced to their middle frames, so that the driver does not receive whole clips. */
  static List<StoredClip> middles(FaceVideoDataset dataset, List<String> clipIds) {
    return ChosenClips.read(dataset, clipIds)
        .selectExpr(
            "clip_id",
            "height",
            "width",
            "format",
            "array(images[shiftright(size(images), 1)]) images")
        .collectAsList()
        .stream()
        .map(StoredClip::of)
        .toList();
  }

  private static Sheet sheet(
      int number, NearDuplicates found, Map<String, StoredClip> clips, FrameDecoder decoder) {
    List<Picture> pictures =
        found.groups().get(number).stream()
            .map(member -> picture(clips.get(member.clipId()), member, decoder))
            .toList();
    String facts =
        found.report().largest().stream()
            .filter(group -> group.number() == number)
            .findFirst()
            .map(
                group ->
                    String.format(
                        Locale.ROOT,
                        "%,d clips of %,d videos and %,d people",
                        group.clips(),
                        group.videos(),
                        group.people()))
            .orElse("");
    return new Sheet("group " + number, facts, List.of(Strip.padded("", pictures, MEMBERS)));
  }

  private static Picture picture(
      StoredClip clip, NearDuplicates.Member member, FrameDecoder decoder) {
    ClipPictures pictures = new ClipPictures(clip, clip.height(), decoder);
    return Picture.jpeg(
        Drawing.jpeg(pictures.frame(0), clip.height(), clip.width()),
        member.clipId() + (member.distance() == 0 ? "" : " · " + member.distance() + " bits"));
  }

  private static String summary(RedundancyReport report) {
    RedundancyReport.Level widest = report.levels().get(report.levels().size() - 1);
    return String.format(
        Locale.ROOT,
        "%,d of %,d clips differ from a better one by at most %d of %d bits.",
        widest.redundant(),
        report.clips(),
        widest.threshold(),
        report.bits());
  }

  private static List<RedundancyLevel> levels(RedundancyReport report) {
    return report.levels().stream()
        .map(
            level ->
                new RedundancyLevel(
                    level.threshold(),
                    level.redundant(),
                    report.clips() == 0
                        ? 0
                        : Math.round(1000.0 * level.redundant() / report.clips()) / 10.0,
                    level.withinVideo(),
                    level.acrossVideos(),
                    level.acrossPeople()))
        .toList();
  }
}
