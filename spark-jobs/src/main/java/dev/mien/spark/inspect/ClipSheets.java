package dev.mien.spark.inspect;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.preprocessing.picture.Drawing;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.preprocessing.region.Region;
import dev.mien.spark.dataset.EvenChoice;
import dev.mien.spark.dataset.clip.ClipWindow;
import dev.mien.spark.dataset.clip.StoredClip;
import dev.mien.spark.draw.ClipPictures;
import dev.mien.spark.draw.WindowMask;
import dev.mien.spark.inspect.Report.LegendEntry;
import dev.mien.spark.inspect.Report.Picture;
import dev.mien.spark.inspect.Report.Sheet;
import dev.mien.spark.inspect.Report.Strip;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Draws clips as training sees them: frames, the same frames under their region maps, and under the
 * mask of the window in the middle of the clip. Close it.
 *
 * @param stride frames between two frames of a window
 * @param seed from which, together with a clip's id, its mask is drawn
 */
record ClipSheets(
    MarlinArchitecture architecture,
    ObjectiveOptions objective,
    int stride,
    long seed,
    FrameDecoder decoder)
    implements AutoCloseable {

  /** The colours of the region maps. */
  static List<LegendEntry> legend() {
    return Arrays.stream(Region.values())
        .map(
            region ->
                new LegendEntry(
                    region.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    String.format(Locale.ROOT, "#%06x", Drawing.colour(region))))
        .toList();
  }

  /** Draws a clip. There is no mask for a clip that is too short to train on. */
  Sheet sheet(SampledClip sample) {
    StoredClip clip = sample.clip();
    ClipPictures pictures = new ClipPictures(clip, clip.height(), decoder);
    Optional<WindowMask> mask =
        ClipWindow.middle(clip, architecture.frames(), stride)
            .map(
                window ->
                    WindowMask.draw(
                        window, architecture, objective.mask(), objective.maskRatio(), seed));
    int[] tubelets = EvenChoice.of(architecture.tubelets(), ContactSheet.COLUMNS);
    int[] frames =
        mask.map(drawn -> IntStream.of(tubelets).map(drawn::frame))
            .orElseGet(() -> IntStream.of(EvenChoice.of(clip.frames(), ContactSheet.COLUMNS)))
            .toArray();

    List<ByteBuffer> stored = IntStream.of(frames).mapToObj(pictures::frame).toList();
    List<Picture> captioned = new ArrayList<>();
    List<Picture> regions = new ArrayList<>();
    List<Picture> masked = new ArrayList<>();
    for (int i = 0; i < frames.length; i++) {
      ByteBuffer frame = stored.get(i);
      int tubelet = i;
      String second =
          String.format(Locale.ROOT, "%.2f s", sample.timestamps().get(frames[i]) * 1e-6);
      captioned.add(picture(clip, frame, second));
      regions.add(picture(clip, pictures.underRegions(frame, frames[i]), ""));
      mask.map(drawn -> drawn.over(frame, clip.height(), tubelets[tubelet]))
          .ifPresent(hidden -> masked.add(picture(clip, hidden, "")));
    }

    List<Strip> strips = new ArrayList<>();
    strips.add(new Strip("frames", captioned));
    strips.add(new Strip("regions", regions));
    mask.ifPresent(drawn -> strips.add(new Strip("mask", masked)));
    return new Sheet(clip.clipId(), sample.facts(), strips);
  }

  @Override
  public void close() {
    decoder.close();
  }

  private static Picture picture(StoredClip clip, ByteBuffer rgb, String caption) {
    return Picture.jpeg(Drawing.jpeg(rgb, clip.height(), clip.width()), caption);
  }
}
