package dev.mien.spark.evaluate;

import ai.djl.Device;
import dev.mien.model.marlin.FaceVideoEncoder;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.marlin.MarlinInitialisation;
import dev.mien.model.marlin.VideoEncoder;
import dev.mien.spark.resident.Shared;
import dev.mien.spark.run.Checkpoints;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/**
 * The encoder of a checkpoint and the one that its training began from. Tasks of one process share
 * a pair, and the last of them closes it.
 */
record ProbedEncoders(MarlinArchitecture architecture, VideoEncoder trained, VideoEncoder untrained)
    implements AutoCloseable {

  private static final Shared<Place, ProbedEncoders> ENCODERS = new Shared<>();

  private record Place(String checkpoint, Device device) {}

  /** Borrows the pair until the lease is closed. */
  static Shared<?, ProbedEncoders>.Lease borrow(
      Configuration hadoop, String checkpoint, Device device) throws IOException {
    return ENCODERS.borrow(new Place(checkpoint, device), () -> open(hadoop, checkpoint, device));
  }

  private static ProbedEncoders open(Configuration hadoop, String checkpoint, Device device)
      throws IOException {
    Checkpoints.Model model = Checkpoints.model(hadoop, checkpoint);
    MarlinArchitecture architecture = model.architecture();
    VideoEncoder trained = FaceVideoEncoder.open(architecture, model.parameters(), device);
    try {
      return new ProbedEncoders(
          architecture,
          trained,
          FaceVideoEncoder.open(
              architecture,
              MarlinInitialisation.draw(architecture, model.manifest().seed()),
              device));
    } catch (RuntimeException | Error e) {
      trained.close();
      throw e;
    }
  }

  @Override
  public void close() {
    try (trained) {
      untrained.close();
    }
  }
}
