package dev.mien.spark.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;
import org.tensorflow.util.SessionLog.SessionStatus;

/** Reads event files as TensorBoard does. */
public final class EventFiles {

  private EventFiles() {}

  /** A value that is shown: of which curve or row of pictures, at which step. */
  public record Shown(String name, long step, Summary.Value value) {}

  /** The events of each file, the files in order; every checksum is looked at. */
  public static List<List<Event>> read(Configuration hadoop, String run) throws IOException {
    Path folder = new Path(run, "tensorboard");
    FileSystem files = folder.getFileSystem(hadoop);
    List<List<Event>> all = new ArrayList<>();
    for (Path path :
        Stream.of(files.listStatus(folder))
            .map(FileStatus::getPath)
            .sorted(Comparator.comparing(Path::getName))
            .toList()) {
      assertThat(path.getName()).contains("tfevents");
      try (InputStream in = files.open(path)) {
        all.add(parse(in.readAllBytes()));
      }
    }
    return all;
  }

  /** What is left of them to see, by TensorBoard's rule of a restarted run. */
  public static List<Shown> shown(Configuration hadoop, String run) throws IOException {
    List<Shown> shown = new ArrayList<>();
    for (List<Event> file : read(hadoop, run)) {
      for (Event event : file) {
        if (event.getSessionLog().getStatus() == SessionStatus.START) {
          shown.removeIf(value -> value.step() >= event.getStep());
        }
        event
            .getSummary()
            .getValueList()
            .forEach(value -> shown.add(new Shown(value.getTag(), event.getStep(), value)));
      }
    }
    return shown;
  }

  private static List<Event> parse(byte[] bytes) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (in.hasRemaining()) {
      ByteBuffer length = in.slice(in.position(), Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      byte[] event = new byte[Math.toIntExact(in.getLong())];
      assertThat(Integer.toUnsignedLong(in.getInt())).isEqualTo(masked(length));
      in.get(event);
      assertThat(Integer.toUnsignedLong(in.getInt())).isEqualTo(masked(ByteBuffer.wrap(event)));
      events.add(Event.parseFrom(event));
    }
    return events;
  }

  private static long masked(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    long value = crc.getValue();
    return ((value >> 15 | (value << 17 & 0xffffffffL)) + 0xa282ead8L) & 0xffffffffL;
  }
}
