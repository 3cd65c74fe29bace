package dev.mien.spark.preprocess;

import java.io.Serializable;

/**
 * A video where it lies, or should.
 *
 * @param uri of the file, as Hadoop names it
 * @param size in bytes
 * @param modified milliseconds since 1970
 * @param problem why there is no such file; null when there is
 */
public record VideoSource(String uri, long size, long modified, VideoLabels labels, String problem)
    implements Serializable {

  /** A file, with what its path says of it. */
  VideoSource(String uri, long size, long modified) {
    this(uri, size, modified, VideoLabels.ofPath(uri), null);
  }

  /** This, unless it names no file and the other of the same URI does. */
  VideoSource or(VideoSource other) {
    return problem != null && other.problem == null ? other : this;
  }

  /** An entry of a list that names no file. */
  static VideoSource absent(String uri, VideoLabels labels, String problem) {
    return new VideoSource(uri, 0, 0, labels, problem);
  }
}
