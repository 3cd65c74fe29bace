package dev.mien.spark.inspect;

import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * All that the page shows. Sections whose list or optional is empty are left out.
 *
 * @param title the dataset's name
 * @param dataset its URI and version
 * @param reconstructed what clips the reconstructions are of
 * @param provenance what the figures and pictures come from
 */
record Report(
    String title,
    String dataset,
    List<Figure> counts,
    List<OutcomeCount> outcomes,
    List<Sheet> videos,
    List<Sheet> clips,
    List<LegendEntry> regions,
    List<Histogram> quality,
    Optional<Redundancy> redundancy,
    Optional<TrainingCurves> training,
    List<Sheet> reconstructions,
    String reconstructed,
    Optional<EmbeddingMap> embeddings,
    List<Fact> provenance,
    List<Fact> listings) {

  Report {
    counts = List.copyOf(counts);
    outcomes = List.copyOf(outcomes);
    videos = List.copyOf(videos);
    clips = List.copyOf(clips);
    regions = List.copyOf(regions);
    quality = List.copyOf(quality);
    reconstructions = List.copyOf(reconstructions);
    provenance = List.copyOf(provenance);
    listings = List.copyOf(listings);
  }

  /** A number with its label. */
  record Figure(String value, String label) {}

  /** A fact to look up; its value is a line of text, or many lines. */
  record Fact(String name, String value) {}

  /**
   * Videos with the same outcome.
   *
   * @param percent of all videos, in [0,100]
   */
  record OutcomeCount(String outcome, String reason, long videos, double percent) {}

  /** How many near-duplicates there are, and some groups of them. */
  record Redundancy(String summary, List<RedundancyLevel> levels, List<Sheet> groups) {
    Redundancy {
      levels = List.copyOf(levels);
      groups = List.copyOf(groups);
    }
  }

  /**
   * Clips that are redundant at a threshold.
   *
   * @param percent of all clips, in [0,100]
   */
  record RedundancyLevel(
      int threshold,
      long redundant,
      double percent,
      long withinVideo,
      long acrossVideos,
      long acrossPeople) {}

  /** A contact sheet: rows of pictures under a name. */
  record Sheet(String name, String facts, List<Strip> strips) {
    Sheet {
      strips = List.copyOf(strips);
    }
  }

  /**
   * A row of pictures, with a label unless the label is empty.
   *
   * @param columns how many pictures the row has room for
   */
  record Strip(String label, List<Picture> pictures, int columns) {
    Strip {
      pictures = List.copyOf(pictures);
    }

    Strip(String label, List<Picture> pictures) {
      this(label, pictures, pictures.size());
    }

    /** A row as wide as the others, with empty places at its end if necessary. */
    static Strip padded(String label, List<Picture> pictures, int columns) {
      return new Strip(label, pictures, columns);
    }
  }

  /**
   * @param source a data URI
   * @param caption may be empty
   */
  record Picture(String source, String caption) {

    static Picture jpeg(byte[] image, String caption) {
      return new Picture(
          "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(image), caption);
    }
  }

  /**
   * @param colour {@code #rrggbb}
   */
  record LegendEntry(String name, String colour) {}

  /**
   * Counts of clips in bins of equal width.
   *
   * @param unit may be empty
   * @param low lower edge of the first bin
   */
  record Histogram(String name, String unit, double low, double width, List<Long> counts) {
    Histogram {
      counts = List.copyOf(counts);
    }
  }

  /** Curves over rounds; each point is {@code [x, y]}. */
  record TrainingCurves(
      List<double[]> trainingLoss,
      List<double[]> validationLoss,
      List<double[]> learningRate,
      List<double[]> clipsPerSecond,
      String summary) {}

  /**
   * Embeddings in the plane of their first two principal components.
   *
   * @param explained share of the variance along each, in [0,1]
   */
  record EmbeddingMap(List<EmbeddedClip> clips, List<Double> explained, String summary) {}

  /** One embedded window of a clip; the person may be null. */
  record EmbeddedClip(
      double x, double y, String clip, String track, String video, String person, int frame) {}
}
