package dev.mien.spark.video;

import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.spark.config.IsolationOptions;
import dev.mien.spark.isolate.DecodingSlot;
import dev.mien.spark.resident.Residents;
import dev.mien.spark.storage.LocalFolders;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.spark.SparkEnv;

/**
 * The decoding slots of this executor, one for each running task. They stay open between tasks, but
 * not in a session that does something else.
 */
public final class DecodingSlots {

  private static final Duration IDLE_LIMIT = Duration.ofMinutes(1);

  private static final Residents<DecodingSlot.Settings, DecodingSlot> SLOTS =
      new Residents<>(DecodingSlot::open, IDLE_LIMIT);

  private DecodingSlots() {}

  /** Borrows a slot for the calling task, until the lease is closed. */
  public static Residents<DecodingSlot.Settings, DecodingSlot>.Lease borrow(
      PreprocessingOptions preprocessing, IsolationOptions isolation) {
    // In Spark's local folder, which Spark removes whatever becomes of this executor.
    List<Path> folders = LocalFolders.of(SparkEnv.get());
    return SLOTS.borrow(new DecodingSlot.Settings(preprocessing, isolation, folders));
  }
}
