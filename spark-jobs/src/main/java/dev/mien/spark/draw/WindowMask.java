package dev.mien.spark.draw;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.Masks;
import dev.mien.preprocessing.picture.Drawing;
import dev.mien.spark.dataset.clip.ClipWindow;
import java.nio.ByteBuffer;

/**
 * What of a window a network would see in training.
 *
 * @param visible flags {@code [tokens]}, as {@link Masks#draw} returns them
 */
@SuppressWarnings("ArrayRecordComponent") // drawn once, never compared
public record WindowMask(ClipWindow window, MarlinArchitecture architecture, byte[] visible) {

  /**
   * Draws a mask.
   *
   * @param seed from which, with the clip's id, it is drawn
   */
  public static WindowMask draw(
      ClipWindow window,
      MarlinArchitecture architecture,
      MaskStrategy strategy,
      double ratio,
      long seed) {
    long ofClip = 31 * seed + window.clip().clipId().hashCode();
    return new WindowMask(
        window, architecture, Masks.draw(strategy, architecture, ratio, window.regions(), ofClip));
  }

  /** The clip's frame with which a tubelet begins. */
  public int frame(int tubelet) {
    return window.frame(tubelet * architecture.tubelet());
  }

  /**
   * A picture with what the tubelet hides in grey.
   *
   * @param picture {@code [side,side,3]}, at least as many pixels as patches a side
   */
  public ByteBuffer over(ByteBuffer picture, int side, int tubelet) {
    int patches = architecture.gridSide() * architecture.gridSide();
    boolean[] shown = new boolean[patches];
    for (int patch = 0; patch < patches; patch++) {
      shown[patch] = visible[tubelet * patches + patch] == ClipBatch.VISIBLE;
    }
    return Drawing.masked(picture, side, shown);
  }
}
