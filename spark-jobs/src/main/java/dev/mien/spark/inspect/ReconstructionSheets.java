package dev.mien.spark.inspect;

import ai.djl.Device;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.preprocessing.picture.Drawing;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.clip.ClipWindow;
import dev.mien.spark.draw.ReconstructedFrames;
import dev.mien.spark.draw.Reconstructor;
import dev.mien.spark.draw.Reconstructor.Reconstructed;
import dev.mien.spark.inspect.Report.Picture;
import dev.mien.spark.inspect.Report.Sheet;
import dev.mien.spark.inspect.Report.Strip;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Draws clips beside their reconstructions by a trained network.
 *
 * @param configuration the run's
 */
record ReconstructionSheets(MienConfiguration configuration, ParameterVector parameters) {

  /** One sheet for each clip that is long enough for a window. */
  List<Sheet> of(Stream<SampledClip> samples) {
    try (Reconstructor network = Reconstructor.open(configuration, parameters, Device.cpu())) {
      return samples
          .flatMap(sample -> network.reconstruct(sample.clip()).stream())
          .map(ReconstructionSheets::sheet)
          .toList();
    }
  }

  private static Sheet sheet(Reconstructed clip) {
    ClipWindow window = clip.window();
    ReconstructedFrames frames = clip.frames();
    String facts =
        String.format(
            Locale.ROOT,
            "loss %.4f · frames %d to %d",
            clip.loss(),
            window.frame(0),
            window.frame(window.frames() - 1));
    return new Sheet(
        window.clip().clipId(),
        facts,
        List.of(
            strip("original", frames.original(), frames.side()),
            strip("masked", frames.masked(), frames.side()),
            strip("reconstructed", frames.completed(), frames.side())));
  }

  private static Strip strip(String label, List<ByteBuffer> frames, int side) {
    return new Strip(
        label,
        frames.stream().map(frame -> Picture.jpeg(Drawing.jpeg(frame, side, side), "")).toList());
  }
}
