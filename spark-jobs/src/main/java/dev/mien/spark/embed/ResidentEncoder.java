package dev.mien.spark.embed;

import dev.mien.spark.config.ComputeDevice;
import dev.mien.spark.resident.Residents;
import dev.mien.spark.resident.TaskDevice;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.apache.spark.TaskContext;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/**
 * What a task needs to embed. Tasks of one process share a network. The one last asked for stays
 * open until it has not been used for some minutes. Hadoop's settings are those of the first
 * caller.
 */
final class ResidentEncoder implements Serializable {

  private static final long serialVersionUID = 1L;

  /** A notebook's session lasts for days; its models should not stay open as long. */
  private static final Duration IDLE_LIMIT = Duration.ofMinutes(5);

  private static final Residents<ResidentEncoder, ClipEncoder> ENCODERS =
      new Residents<>(ResidentEncoder::open, IDLE_LIMIT);

  private final EncoderModel model;
  private final int batchSize;
  private final ComputeDevice device;
  private final SerializableConfiguration hadoop;

  ResidentEncoder(
      EncoderModel model, int batchSize, ComputeDevice device, SerializableConfiguration hadoop) {
    this.model = model;
    this.batchSize = batchSize;
    this.device = device;
    this.hadoop = hadoop;
  }

  /** Borrows an encoder until the lease is closed or the task ends. */
  Residents<ResidentEncoder, ClipEncoder>.Lease borrow() {
    var lease = ENCODERS.borrow(this, TaskDevice.of(device));
    lease.keep();
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> lease.close());
    return lease;
  }

  SerializableConfiguration hadoop() {
    return hadoop;
  }

  private ClipEncoder open() {
    try {
      return ClipEncoder.open(hadoop.value(), model, batchSize, TaskDevice.of(device));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot open model " + model, e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ResidentEncoder encoder
        && model.equals(encoder.model)
        && batchSize == encoder.batchSize
        && device == encoder.device;
  }

  @Override
  public int hashCode() {
    return model.hashCode() + batchSize;
  }
}
