package dev.mien.spark.cli;

import picocli.CommandLine.Option;

/** The dataset that a command reads. */
final class DatasetOption {

  @Option(
      names = "--dataset",
      required = true,
      paramLabel = "URI",
      description = "Folder of the dataset.")
  private String uri;

  String uri() {
    return uri;
  }
}
