package dev.mien.spark.run;

import com.google.protobuf.ByteString;
import dev.mien.spark.storage.WholeFile;
import dev.mien.spark.storage.Writing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;
import org.tensorflow.util.SessionLog;
import org.tensorflow.util.SessionLog.SessionStatus;

/**
 * Writes a run's event files for TensorBoard: {@code tensorboard/events.out.tfevents.<number>}, one
 * file for each start of the run, with increasing numbers.
 *
 * <p>A file is a sequence of records in TFRecord's format: the length of an {@link Event} as
 * uint64, the CRC of these eight bytes, the event, its CRC; all little-endian, each CRC a CRC32C
 * that is rotated right by 15 bits and raised by {@code 0xa282ead8}. The first event names the
 * version, the second is {@link SessionStatus#START}: from its step on, TensorBoard drops what
 * earlier files say, so that steps that a killed and resumed run took twice are shown once.
 *
 * <p>On local disks and HDFS an event can be read as soon as it is added. Object stores show a file
 * once it is whole: there, {@link #turn} ends the current file. Close it.
 */
public final class EventLog implements AutoCloseable {

  private static final String FOLDER = "tensorboard";
  private static final String NAME = "events.out.tfevents.";
  private static final Pattern NUMBERED = Pattern.compile(Pattern.quote(NAME) + "[0-9]{8,18}");
  private static final String VERSION = "brain.Event:2";
  private static final int MASK = 0xa282ead8;

  private final FileSystem files;
  private final Path folder;
  private long number;

  /**
   * The current file; null between its end and the next event, so that no file is without events.
   */
  private FSDataOutputStream out;

  private EventLog(FileSystem files, Path folder, long number) {
    this.files = files;
    this.folder = folder;
    this.number = number;
  }

  /**
   * Begins a file.
   *
   * @param step from which on everything in earlier files is void
   */
  public static EventLog start(Configuration hadoop, String run, long step) throws IOException {
    Path folder = new Path(run, FOLDER);
    FileSystem files = WholeFile.fileSystem(hadoop, folder);
    files.mkdirs(folder);
    EventLog log = new EventLog(files, folder, last(files, folder));
    log.add(
        event(step).setSessionLog(SessionLog.newBuilder().setStatus(SessionStatus.START)).build());
    return log;
  }

  /** Adds the figures of a step; each name is a curve. */
  public void scalars(long step, Map<String, Double> figures) throws IOException {
    Summary.Builder summary = Summary.newBuilder();
    figures.forEach(
        (name, value) -> summary.addValueBuilder().setTag(name).setSimpleValue(value.floatValue()));
    add(event(step).setSummary(summary).build());
  }

  /**
   * Adds a picture.
   *
   * @param encoded bytes of a JPEG or PNG
   */
  public void image(long step, String name, int height, int width, byte[] encoded)
      throws IOException {
    Summary.Image image =
        Summary.Image.newBuilder()
            .setHeight(height)
            .setWidth(width)
            .setColorspace(3)
            .setEncodedImageString(ByteString.copyFrom(encoded))
            .build();
    Summary.Builder summary = Summary.newBuilder();
    summary.addValueBuilder().setTag(name).setImage(image);
    add(event(step).setSummary(summary).build());
  }

  /** Makes everything that was added readable, if necessary by ending the current file. */
  public void turn() throws IOException {
    if (out != null && !shows()) {
      close();
    }
  }

  @Override
  public void close() throws IOException {
    if (out != null) {
      FSDataOutputStream last = out;
      out = null;
      Writing.write(last::close);
    }
  }

  private void begin() throws IOException {
    number++;
    out = files.create(new Path(folder, String.format(Locale.ROOT, NAME + "%08d", number)), false);
    write(event(0).setFileVersion(VERSION).build());
  }

  /**
   * Adds an event to the file or, if that can no longer be written, as sometimes on HDFS, to a new
   * one.
   */
  private void add(Event event) throws IOException {
    try {
      addOnce(event);
    } catch (IOException e) {
      abandon();
      addOnce(event);
    }
  }

  private void addOnce(Event event) throws IOException {
    if (out == null) {
      begin();
    }
    write(event);
  }

  private void abandon() {
    try {
      close();
    } catch (IOException e) {
      // closing fails in the same way; what is in the file stays there
    }
  }

  private void write(Event event) throws IOException {
    byte[] bytes = event.toByteArray();
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + bytes.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(bytes.length);
    record.putInt(checksum(record.array(), Long.BYTES));
    record.put(bytes);
    record.putInt(checksum(bytes, bytes.length));
    Writing.write(
        () -> {
          out.write(record.array());
          if (shows()) {
            out.hflush();
          }
        });
  }

  /** Whether readers see what is written before the file is closed. */
  private boolean shows() {
    return out.hasCapability(StreamCapabilities.HSYNC);
  }

  private static Event.Builder event(long step) {
    return Event.newBuilder().setWallTime(System.currentTimeMillis() * 1e-3).setStep(step);
  }

  static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }

  private static long last(FileSystem files, Path folder) throws IOException {
    return Stream.of(files.listStatus(folder))
        .map(FileStatus::getPath)
        .map(Path::getName)
        .filter(name -> NUMBERED.matcher(name).matches()) // leaves out other programs' files
        .mapToLong(name -> Long.parseLong(name.substring(NAME.length())))
        .max()
        .orElse(0);
  }
}
