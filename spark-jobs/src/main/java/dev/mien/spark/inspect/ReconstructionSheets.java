package dev.mien.spark.inspect;

import ai.djl.Device;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.preprocessing.picture.Drawing;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.EvenChoice;
import dev.mien.spark.dataset.clip.ClipWindow;
import dev.mien.spark.draw.Reconstructor;
import dev.mien.spark.draw.Reconstructor.Reconstructed;
import dev.mien.spark.inspect.Report.Picture;
import dev.mien.spark.inspect.Report.Sheet;
import dev.mien.spark.inspect.Report.Strip;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Clips beside what a trained network makes of the little it sees of them.
 *
 * @param configuration the run's
 */
record ReconstructionSheets(MienConfiguration configuration, ParameterVector parameters) {

  /** A sheet for each of the clips that are long enough for a window. */
  List<Sheet> of(List<SampledClip> samples) {
    if (samples.isEmpty()) {
      return List.of();
    }

    try (Reconstructor network = Reconstructor.open(configuration, parameters, Device.cpu())) {
      return samples.stream()
          .flatMap(sample -> network.reconstruct(sample.clip()).stream())
          .map(ReconstructionSheets::sheet)
          .toList();
    }
  }

  private static Sheet sheet(Reconstructed clip) {
    ClipWindow window = clip.window();
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
            strip("original", clip.original(), clip.side()),
            strip("masked", clip.masked(), clip.side()),
            strip("reconstructed", clip.completed(), clip.side())));
  }

  private static Strip strip(String label, List<ByteBuffer> frames, int side) {
    return new Strip(
        label,
        IntStream.of(EvenChoice.of(frames.size(), ClipSheets.COLUMNS))
            .mapToObj(i -> Picture.jpeg(Drawing.jpeg(frames.get(i), side, side), ""))
            .toList());
  }
}
