package dev.mien.spark.inspect;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.Masks;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.preprocessing.clip.Drawing;
import dev.mien.preprocessing.clip.FrameDecoder;
import dev.mien.preprocessing.region.Region;
import dev.mien.preprocessing.region.RegionMapper;
import dev.mien.spark.dataset.ClipWindow;
import dev.mien.spark.dataset.StoredClip;
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
 * Clips as training sees them: frames, the same frames under their region maps, and under the mask
 * of a window in the middle of the clip. Close it.
 *
 * @param stride frames between two frames of a window
 * @param seed from which, with a clip's id, its mask is drawn
 */
record ClipSheets(
    MarlinArchitecture architecture,
    ObjectiveOptions objective,
    int stride,
    long seed,
    FrameDecoder decoder)
    implements AutoCloseable {

  /** Pictures in a row, at most: what fits a screen. */
  static final int COLUMNS = 8;

  private static final int CELLS = RegionMapper.CELLS * RegionMapper.CELLS;

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

  /** A mask is drawn over the clip unless it is too short to be trained on. */
  Sheet sheet(SampledClip sample) {
    StoredClip clip = sample.clip();
    Optional<ClipWindow> window = ClipWindow.middle(clip, architecture.frames(), stride);
    int[] tubelets = evenly(architecture.tubelets(), COLUMNS);
    int[] frames =
        window
            .map(w -> IntStream.of(tubelets).map(k -> w.frame(k * architecture.tubelet())))
            .orElseGet(() -> IntStream.of(evenly(clip.frames(), COLUMNS)))
            .toArray();

    List<ByteBuffer> pixels = IntStream.of(frames).mapToObj(frame -> decode(clip, frame)).toList();
    List<Strip> strips = new ArrayList<>();
    strips.add(new Strip("frames", frames(sample, frames, pixels)));
    strips.add(new Strip("regions", overlays(clip, frames)));
    window.ifPresent(w -> strips.add(new Strip("mask", masked(w, tubelets, pixels))));
    return new Sheet(clip.clipId(), sample.facts(), strips);
  }

  /** The seed of a clip's mask. */
  static long maskSeed(long seed, String clipId) {
    return 31 * seed + clipId.hashCode();
  }

  /** At most {@code count} of the numbers from 0 to {@code size - 1}, evenly spread. */
  static int[] evenly(int size, int count) {
    int taken = Math.min(size, count);
    return IntStream.range(0, taken).map(i -> (int) ((long) i * size / taken)).toArray();
  }

  @Override
  public void close() {
    decoder.close();
  }

  private ByteBuffer decode(StoredClip clip, int frame) {
    int side = clip.height();
    ByteBuffer pixels = ByteBuffer.allocateDirect(side * side * 3);
    decoder.decode(
        clip.images().get(frame), clip.format(), clip.height(), clip.width(), side, pixels);
    return pixels.flip();
  }

  private static List<Picture> frames(SampledClip sample, int[] frames, List<ByteBuffer> pixels) {
    int side = sample.clip().height();
    return IntStream.range(0, frames.length)
        .mapToObj(
            i ->
                Picture.jpeg(
                    Drawing.jpeg(pixels.get(i), side, side),
                    String.format(
                        Locale.ROOT, "%.2f s", sample.timestamps().get(frames[i]) * 1e-6)))
        .toList();
  }

  private static List<Picture> overlays(StoredClip clip, int[] frames) {
    return IntStream.of(frames)
        .mapToObj(
            frame ->
                Drawing.regionOverlay(
                    clip.images().get(frame),
                    clip.format(),
                    clip.height(),
                    clip.width(),
                    Arrays.copyOfRange(clip.regions(), frame * CELLS, (frame + 1) * CELLS)))
        .map(image -> Picture.jpeg(image, ""))
        .toList();
  }

  private List<Picture> masked(ClipWindow window, int[] tubelets, List<ByteBuffer> pixels) {
    StoredClip clip = window.clip();
    byte[] visible =
        Masks.draw(
            objective.mask(),
            architecture,
            objective.maskRatio(),
            window.regions(),
            maskSeed(seed, clip.clipId()));
    int patches = architecture.gridSide() * architecture.gridSide();
    List<Picture> pictures = new ArrayList<>();
    for (int i = 0; i < tubelets.length; i++) {
      boolean[] shown = new boolean[patches];
      for (int patch = 0; patch < patches; patch++) {
        shown[patch] = visible[tubelets[i] * patches + patch] == 1;
      }
      ByteBuffer masked = Drawing.masked(pixels.get(i), clip.height(), shown);
      pictures.add(Picture.jpeg(Drawing.jpeg(masked, clip.height(), clip.width()), ""));
    }
    return pictures;
  }
}
