package dev.mien.spark.isolate;

import dev.mien.preprocessing.clip.Clip;

/** Takes the clips of one video. */
public interface ClipReceiver {

  /**
   * Takes one.
   *
   * @throws TooLargeException when there is no room for all of them
   */
  void accept(Clip clip);

  /** Every clip so far is void; the video begins again, or has none. */
  void drop();
}
