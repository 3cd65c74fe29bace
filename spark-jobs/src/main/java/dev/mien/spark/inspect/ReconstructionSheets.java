package dev.mien.spark.inspect;

import ai.djl.Device;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.Masks;
import dev.mien.model.train.LocalTrainer;
import dev.mien.model.train.Reconstruction;
import dev.mien.preprocessing.clip.Drawing;
import dev.mien.preprocessing.clip.FrameDecoder;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ClipWindow;
import dev.mien.spark.inspect.Report.Picture;
import dev.mien.spark.inspect.Report.Sheet;
import dev.mien.spark.inspect.Report.Strip;
import dev.mien.spark.run.Checkpoint;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Clips beside what a trained network makes of the little it sees of them.
 *
 * @param configuration the run's
 */
record ReconstructionSheets(MienConfiguration configuration, Checkpoint checkpoint) {

  /** A sheet for each of the clips that are long enough for a window. */
  List<Sheet> of(List<SampledClip> samples) {
    MarlinArchitecture architecture = configuration.model();
    int stride = configuration.training().stride();
    List<ClipWindow> windows =
        samples.stream()
            .flatMap(
                sample -> ClipWindow.middle(sample.clip(), architecture.frames(), stride).stream())
            .toList();
    if (windows.isEmpty()) {
      return List.of();
    }

    try (FrameDecoder decoder = new FrameDecoder();
        LocalTrainer network =
            LocalTrainer.open(
                architecture, configuration.objective(), configuration.optimiser(), Device.cpu())) {
      network.load(checkpoint.state());
      return windows.stream().map(window -> sheet(network, decoder, window)).toList();
    }
  }

  private Sheet sheet(LocalTrainer network, FrameDecoder decoder, ClipWindow window) {
    String clipId = window.clip().clipId();
    ByteBuffer pixels = window.pixels(decoder, configuration.model().image());
    byte[] visible =
        Masks.draw(
            configuration.objective().mask(),
            configuration.model(),
            configuration.objective().maskRatio(),
            window.regions(),
            ClipSheets.maskSeed(configuration.training().seed(), clipId));
    ClipBatch batch = new ClipBatch(1, pixels, visible, List.of(clipId));

    Reconstruction reconstruction = network.reconstruct(batch);
    String facts =
        String.format(
            Locale.ROOT,
            "loss %.4f · frames %d to %d",
            network.evaluate(batch).reconstruction(),
            window.frame(0),
            window.frame(window.frames() - 1));
    return new Sheet(
        clipId,
        facts,
        List.of(
            strip("original", pixels),
            strip("masked", reconstruction.masked()),
            strip("reconstructed", reconstruction.completed())));
  }

  private Strip strip(String label, ByteBuffer clip) {
    MarlinArchitecture architecture = configuration.model();
    int side = architecture.image();
    List<Picture> pictures = new ArrayList<>();
    IntStream.of(ClipSheets.evenly(architecture.tubelets(), ClipSheets.COLUMNS))
        .map(tubelet -> tubelet * architecture.tubelet())
        .mapToObj(frame -> clip.duplicate().position(frame * side * side * 3))
        .forEach(frame -> pictures.add(Picture.jpeg(Drawing.jpeg(frame, side, side), "")));
    return new Strip(label, pictures);
  }
}
