package dev.mien.spark.preprocess.listing;

import java.io.Serializable;
import java.util.List;

/**
 * A video and where its file is, or should be.
 *
 * @param uri the file's name in Hadoop
 * @param size in bytes
 * @param modified milliseconds since 1970
 * @param problem why there is no such file; null when there is
 * @param rowProblem why the row of a list that gave the labels names no file, if the file was found
 *     otherwise; null when nothing was wrong
 */
public record VideoSource(
    String uri, long size, long modified, VideoLabels labels, String problem, String rowProblem)
    implements Serializable {

  /** A video's file, labelled by its path. */
  public VideoSource(String uri, long size, long modified) {
    this(uri, size, modified, VideoLabels.ofPath(uri));
  }

  /** A video's file. */
  public VideoSource(String uri, long size, long modified, VideoLabels labels) {
    this(uri, size, modified, labels, null, null);
  }

  /** An entry of a list that names no file. */
  public static VideoSource absent(String uri, VideoLabels labels, String problem) {
    return new VideoSource(uri, 0, 0, labels, problem, null);
  }

  /**
   * This video, unless it names no file and the other of the same URI does. The labels of the one
   * that is left count, and the other's where those say nothing.
   */
  VideoSource or(VideoSource other) {
    return problem != null && other.problem == null
        ? other.labelled(other.labels.or(labels))
        : labelled(labels.or(other.labels));
  }

  /**
   * This video, with the file of the other of the same URI when this one names none. This one's
   * labels count, and the other's where these say nothing.
   */
  VideoSource orFileOf(VideoSource other) {
    VideoLabels both = labels.or(other.labels);
    return problem != null && other.problem == null
        ? new VideoSource(uri, other.size, other.modified, both, null, problem)
        : labelled(both);
  }

  /** This video, labelled by its path where nothing else says more. */
  VideoSource orLabelledByPath() {
    return labelled(labels.or(VideoLabels.ofPath(uri)));
  }

  /** What VoxCeleb's trees beside it call the video: what its path does, whatever a list says. */
  public VideoLabels namesInTrees() {
    return VideoLabels.ofPath(uri).or(labels);
  }

  private VideoSource labelled(VideoLabels others) {
    return new VideoSource(uri, size, modified, others, problem, rowProblem);
  }

  /** What was wrong with a row of a list, though the video can be worked on. */
  public List<String> rowProblems() {
    return rowProblem == null
        ? List.of()
        : List.of("a list's row that names no file: " + rowProblem);
  }
}
