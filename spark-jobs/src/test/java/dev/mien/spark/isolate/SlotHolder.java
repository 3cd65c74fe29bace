package dev.mien.spark.isolate;

import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.spark.config.IsolationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A JVM that decodes without end; it prints its decoding process's id when that is at work. */
final class SlotHolder {

  private SlotHolder() {}

  /** The arguments are a folder, a video to begin with, and the one to go on with. */
  public static void main(String... arguments) throws IOException {
    try (DecodingSlot slot =
        DecodingSlot.open(
            new DecodingSlot.Settings(
                PreprocessingOptions.defaults(),
                new IsolationOptions(Duration.ofMinutes(5), Duration.ofHours(1), 1L << 30),
                List.of(Path.of(arguments[0]))))) {
      slot.decode(DecodingSlotTest.request(Path.of(arguments[1])), new DecodingSlotTest.Clips());
      System.out.println(ProcessHandle.current().children().findFirst().orElseThrow().pid());
      while (true) {
        slot.decode(DecodingSlotTest.request(Path.of(arguments[2])), new DecodingSlotTest.Clips());
      }
    }
  }
}
