package dev.mien.spark.pretrain.replica;

import java.util.List;
import java.util.stream.Stream;

/**
 * What the held-out windows, or a share of them, say of a state.
 *
 * @param loss of the reconstruction, summed over the clips
 * @param pictures of some of the clips
 */
public record Validated(double loss, long clips, List<Picture> pictures) {

  /** This and another share. */
  public Validated and(Validated other) {
    return new Validated(
        loss + other.loss,
        clips + other.clips,
        Stream.concat(pictures.stream(), other.pictures.stream()).toList());
  }

  /** A clip's, on average. */
  public double meanLoss() {
    return loss / clips;
  }
}
