package dev.mien.spark.isolate;

import dev.mien.preprocessing.clip.Clip;
import dev.mien.preprocessing.clip.VideoReport;

/** What a decoding process answers; every answer is a sign of progress. */
sealed interface Reply {

  /** The models are open. */
  record Ready() implements Reply {}

  /** The pass over the video has come to this frame. */
  record Frame(int frame) implements Reply {}

  /** A clip is done. */
  record Made(Clip clip) implements Reply {}

  /** The video is done, whatever its outcome; clips of one that is not processed are void. */
  record Done(VideoReport report) implements Reply {}

  /**
   * This machine gave no room for temporary files, as when its disk is full: no fault of the video.
   */
  record Prevented(String message) implements Reply {}

  /** Preprocessing threw an exception, and what state the process is in is not known. */
  record Failed(String message) implements Reply {}
}
