package dev.mien.spark.run;

import dev.mien.spark.config.MienConfiguration;
import java.util.List;
import java.util.Map;

/** What a run would have said of checkpoints that tests make: of ten steps a round. */
public final class Manifests {

  private Manifests() {}

  /** Of a run on some dataset. */
  public static Manifest of(long round, MienConfiguration configuration) {
    return of(round, configuration, "hdfs://data", 4);
  }

  public static Manifest of(
      long round, MienConfiguration configuration, String dataset, long datasetVersion) {
    return of(round, configuration, dataset, datasetVersion, List.of());
  }

  /** Of a run that was trained on other versions before. */
  public static Manifest of(
      long round,
      MienConfiguration configuration,
      String dataset,
      long datasetVersion,
      List<Long> earlierVersions) {
    long steps = 10 * round;
    return new Manifest(
        Manifest.FORMAT,
        round,
        steps,
        steps,
        "test",
        dataset,
        datasetVersion,
        earlierVersions,
        Map.of(),
        2023,
        configuration.source(),
        "",
        "",
        Map.of("loss", 0.5),
        Map.of());
  }
}
