package dev.mien.spark.preprocess;

import java.io.Serializable;
import java.util.List;

/**
 * A video where it lies, or should.
 *
 * @param uri of the file, as Hadoop names it
 * @param size in bytes
 * @param modified milliseconds since 1970
 * @param problem why there is no such file; null when there is
 * @param rowProblem why the row of a list that gave the labels names no file, when the file was
 *     found otherwise; null when nothing was wrong
 */
public record VideoSource(
    String uri, long size, long modified, VideoLabels labels, String problem, String rowProblem)
    implements Serializable {

  /** A file, with what its path says of it. */
  VideoSource(String uri, long size, long modified) {
    this(uri, size, modified, VideoLabels.ofPath(uri));
  }

  /** A file. */
  VideoSource(String uri, long size, long modified, VideoLabels labels) {
    this(uri, size, modified, labels, null, null);
  }

  /** An entry of a list that names no file. */
  static VideoSource absent(String uri, VideoLabels labels, String problem) {
    return new VideoSource(uri, 0, 0, labels, problem, null);
  }

  /** This, unless it names no file and the other of the same URI does. */
  VideoSource or(VideoSource other) {
    return problem != null && other.problem == null ? other : this;
  }

  /**
   * This, unless it names no file and the other of the same URI does: then that file with what this
   * says of it.
   */
  VideoSource orFileOf(VideoSource other) {
    return problem != null && other.problem == null
        ? new VideoSource(uri, other.size, other.modified, labels, null, problem)
        : this;
  }

  /** What was wrong with a list that does not keep the video from being worked on. */
  List<String> rowProblems() {
    return rowProblem == null
        ? List.of()
        : List.of("a list's row that names no file: " + rowProblem);
  }
}
