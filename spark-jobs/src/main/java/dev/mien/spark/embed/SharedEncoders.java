package dev.mien.spark.embed;

import ai.djl.Device;
import dev.mien.model.marlin.EncoderExport;
import dev.mien.model.marlin.ExportedEncoder;
import dev.mien.model.marlin.FaceVideoEncoder;
import dev.mien.model.marlin.VideoEncoder;
import dev.mien.spark.resident.Shared;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.storage.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The encoders of this process: one per model and device, however many tasks use it. */
final class SharedEncoders {

  private static final Shared<Place, VideoEncoder> ENCODERS = new Shared<>();

  private record Place(EncoderModel model, Device device) {}

  private SharedEncoders() {}

  /** Borrows an encoder, which other tasks may be using, until the lease is closed. */
  static Shared<?, VideoEncoder>.Lease borrow(
      Configuration hadoop, EncoderModel model, Device device) throws IOException {
    return ENCODERS.borrow(new Place(model, device), () -> open(hadoop, model, device));
  }

  private static VideoEncoder open(Configuration hadoop, EncoderModel model, Device device)
      throws IOException {
    model.requireUnchanged(hadoop);
    if (model.isExported()) {
      return exported(hadoop, new Path(model.folder()), device);
    }
    Checkpoints.Model checkpoint = Checkpoints.model(hadoop, model.folder());
    return FaceVideoEncoder.open(checkpoint.architecture(), checkpoint.parameters(), device);
  }

  /** Loads an export through a copy on this machine, which libtorch needs only while it loads. */
  private static ExportedEncoder exported(Configuration hadoop, Path folder, Device device)
      throws IOException {
    java.nio.file.Path local = Files.createTempDirectory("mien-model");
    List<java.nio.file.Path> copies =
        List.of(local.resolve(EncoderExport.PROPERTIES), local.resolve(EncoderExport.NETWORK));
    try {
      for (java.nio.file.Path copy : copies) {
        Path source = new Path(folder, copy.getFileName().toString());
        Reading.read(
            source,
            () -> {
              try (InputStream in = source.getFileSystem(hadoop).open(source)) {
                return Files.copy(in, copy);
              }
            });
      }
      return ExportedEncoder.open(local, device);
    } finally {
      for (java.nio.file.Path copy : copies) {
        Files.deleteIfExists(copy);
      }
      Files.delete(local);
    }
  }
}
