package dev.mien.spark.draw;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.Masks;
import dev.mien.preprocessing.picture.Drawing;
import dev.mien.spark.dataset.clip.ClipWindow;
import java.nio.ByteBuffer;

/**
 * The mask under which a network would see a window in training.
 *
 * @param visible flags {@code [tokens]}, as {@link Masks#draw} returns them
 */
@SuppressWarnings("ArrayRecordComponent") // drawn once, never compared
public record WindowMask(ClipWindow window, MarlinArchitecture architecture, byte[] visible) {

  /**
   * Draws a mask.
   *
   * @param seed from which, together with the clip's id, it is drawn
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

  /** The index in the clip of a tubelet's first frame. */
  public int frame(int tubelet) {
    return window.frame(tubelet * architecture.tubelet());
  }

  /**
   * A picture with the tubelet's hidden patches in grey.
   *
   * @param picture {@code [side,side,3]}, at least as many pixels wide as there are patches
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
