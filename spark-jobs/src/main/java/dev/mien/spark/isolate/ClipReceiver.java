package dev.mien.spark.isolate;

import dev.mien.preprocessing.clip.Clip;

/** Takes the clips of one video. */
public interface ClipReceiver {

  /**
   * Takes the next clip.
   *
   * @throws TooLargeException when there is no room for all of the video's clips
   */
  void accept(Clip clip);

  /** Forgets every clip so far: the video begins again, or has none. */
  void drop();
}
