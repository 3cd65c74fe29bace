package dev.mien.spark.isolate;

import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.VideoRequest;

/** What a decoding process is asked. */
sealed interface Request {

  /** Opens the models: the first request, sent once. Answered by {@link Reply.Ready}. */
  record Prepare(PreprocessingOptions options) implements Request {}

  /**
   * Preprocesses a video. Answered by any number of {@link Reply.Frame} and {@link Reply.Made}, and
   * at last by {@link Reply.Done}, {@link Reply.Prevented} or {@link Reply.Failed}.
   */
  record Decode(VideoRequest video) implements Request {}
}
