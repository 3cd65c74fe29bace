package dev.mien.spark.preprocess.listing;

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
  public VideoSource(String uri, long size, long modified) {
    this(uri, size, modified, VideoLabels.ofPath(uri));
  }

  /** A file. */
  public VideoSource(String uri, long size, long modified, VideoLabels labels) {
    this(uri, size, modified, labels, null, null);
  }

  /** An entry of a list that names no file. */
  public static VideoSource absent(String uri, VideoLabels labels, String problem) {
    return new VideoSource(uri, 0, 0, labels, problem, null);
  }

  /**
   * This, unless it names no file and the other of the same URI does; with what the one that is
   * left says of the video, and what the other says where that says nothing.
   */
  VideoSource or(VideoSource other) {
    return problem != null && other.problem == null
        ? other.labelled(other.labels.or(labels))
        : labelled(labels.or(other.labels));
  }

  /**
   * This, or the other's file when this names none and the other of the same URI does; with what
   * this says of the video, and what the other says where this says nothing.
   */
  VideoSource orFileOf(VideoSource other) {
    VideoLabels both = labels.or(other.labels);
    return problem != null && other.problem == null
        ? new VideoSource(uri, other.size, other.modified, both, null, problem)
        : labelled(both);
  }

  /** With what its path says of it where nothing else does. */
  VideoSource orLabelledByPath() {
    return labelled(labels.or(VideoLabels.ofPath(uri)));
  }

  private VideoSource labelled(VideoLabels others) {
    return new VideoSource(uri, size, modified, others, problem, rowProblem);
  }

  /** What was wrong with a list that does not keep the video from being worked on. */
  public List<String> rowProblems() {
    return rowProblem == null
        ? List.of()
        : List.of("a list's row that names no file: " + rowProblem);
  }
}
