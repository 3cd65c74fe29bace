package dev.mien.spark.pretrain.replica;

import java.util.List;
import java.util.stream.Stream;

/**
 * The result of validating a state on the held-out windows, or on a share of them.
 *
 * @param loss of the reconstruction, summed over the clips
 * @param pictures of some of the clips
 * @param clips how many
 */
public record Validated(double loss, long clips, List<Picture> pictures) {

  /** The result over this share and another. */
  public Validated and(Validated other) {
    return new Validated(
        loss + other.loss,
        clips + other.clips,
        Stream.concat(pictures.stream(), other.pictures.stream()).toList());
  }

  /** The mean loss of a clip. */
  public double meanLoss() {
    return loss / clips;
  }
}
