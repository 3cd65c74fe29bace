package dev.mien.spark.preprocess;

import java.util.List;
import java.util.Optional;

/**
 * Where the videos of a run are, and which known videos are preprocessed again.
 *
 * @param trees folders, files or globs of any Hadoop file system
 * @param lists files, folders or globs of CSV or Parquet; what a list says of a video takes
 *     precedence, and the last list over earlier ones
 * @param boxes the folder of VoxCeleb's boxes, {@code <person>/<video>/<utterance>.txt}
 */
public record PreprocessInputs(
    List<String> trees, List<String> lists, Optional<String> boxes, Retry retry) {

  public PreprocessInputs {
    trees = List.copyOf(trees);
    lists = List.copyOf(lists);
    if (trees.isEmpty() && lists.isEmpty()) {
      throw new IllegalArgumentException("No videos named (use --input or --list)");
    }
  }

  /** Inputs of one folder, file or glob. */
  public static PreprocessInputs of(String tree) {
    return new PreprocessInputs(List.of(tree), List.of(), Optional.empty(), Retry.PREVENTED);
  }
}
