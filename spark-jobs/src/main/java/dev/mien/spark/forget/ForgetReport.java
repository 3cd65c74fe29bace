package dev.mien.spark.forget;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was erased, or would be.
 *
 * @param videos URIs, with those of videos of the same bytes
 * @param stores what lies beside the three tables, with the number of rows erased
 * @param runs a sentence for each run that was asked about
 */
public record ForgetReport(
    Stage stage,
    List<String> videos,
    long tracks,
    long clips,
    List<Store> stores,
    List<String> runs) {

  public ForgetReport {
    videos = List.copyOf(videos);
    stores = List.copyOf(stores);
    runs = List.copyOf(runs);
  }

  /** Whether the erasure was planned or done. */
  public enum Stage {
    PLANNED,
    DONE
  }

  /** The erased rows of one table. */
  public record Store(String name, long rows) {}

  /**
   * Combines this report with that of an earlier attempt, whose rows may be gone by now. What the
   * earlier one says of runs is kept, since only it could still read the subsets.
   */
  ForgetReport after(ForgetReport before) {
    Map<String, Long> taken =
        before.stores.stream().collect(Collectors.toMap(Store::name, Store::rows, Math::max));
    return new ForgetReport(
        stage,
        Stream.concat(before.videos.stream(), videos.stream()).distinct().toList(),
        Math.max(before.tracks, tracks),
        Math.max(before.clips, clips),
        stores.stream()
            .map(
                store ->
                    new Store(store.name(), store.rows() + taken.getOrDefault(store.name(), 0L)))
            .toList(),
        before.runs);
  }

  /** The report in lines for a person. */
  public String text() {
    StringBuilder text = new StringBuilder();
    String verb =
        switch (stage) {
          case PLANNED -> "Would be forgotten";
          case DONE -> "Forgotten";
        };
    text.append(
        String.format("%s: %d videos, %d tracks, %d clips%n", verb, videos.size(), tracks, clips));
    videos.forEach(uri -> text.append(String.format("  %s%n", uri)));
    stores.forEach(store -> text.append(String.format("  %s: %d%n", store.name(), store.rows())));
    runs.forEach(run -> text.append(String.format("  %s%n", run)));
    String earlier =
        switch (stage) {
          case PLANNED -> "could not be read afterwards";
          case DONE -> "cannot be read any more";
        };
    text.append(String.format("Earlier versions of the dataset %s.%n", earlier));
    return text.toString();
  }
}
