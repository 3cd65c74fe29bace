package dev.mien.preprocessing.track;

import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.FaceLandmarks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * The sightings of one video, in a temporary file: 468 landmarks per frame and face are too much to
 * hold in memory for a long video. Records are of 3780 bytes, numbered from 0: box, score,
 * presence, yaw, pitch, roll and landmarks as native floats. The longest video with the most faces
 * accepted by default, 54,000 frames of 16 faces, takes 3.3 GB. It does not stop at its limit, but
 * says when it has reached it. Close it, which deletes the file.
 *
 * <p>A failure of the disk is an {@link UncheckedIOException} that names the folder.
 */
final class SightingFile implements AutoCloseable {
  private static final int FIGURES = 9;
  private static final int POINTS = 2 * FaceLandmarks.POINTS;
  private static final int BYTES = Float.BYTES * (FIGURES + POINTS);

  private final Path folder;
  private final FileChannel channel;
  private final ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
  private final FloatBuffer floats = bytes.asFloatBuffer();
  private final long limit;
  private int records;

  /**
   * Opens a file in Java's folder for temporary files.
   *
   * @param share of that folder's disk which it may take
   */
  SightingFile(double share) {
    folder = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      long disk = Files.getFileStore(folder).getTotalSpace();
      limit = disk > 0 ? (long) (share * disk) : Long.MAX_VALUE; // a tmpfs may have no limit
      Path file = Files.createTempFile(folder, "mien-sightings", "");
      channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw failure("open", e);
    }
  }

  /**
   * Whether it has taken its share of the disk. The disk's size counts, and not its free space: a
   * full disk may be freed, and a small one would fail the video each time.
   */
  boolean isFull() {
    return (long) records * BYTES >= limit;
  }

  /** Its limit and its folder, for messages. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.3f GiB in %s", limit / (double) (1L << 30), folder);
  }

  /** Adds a sighting and returns its number. */
  int add(Sighting sighting) {
    set(records, sighting);
    return records++;
  }

  void set(int record, Sighting sighting) {
    Box box = sighting.box();
    FaceLandmarks landmarks = sighting.landmarks();
    floats.clear().put(box.x()).put(box.y()).put(box.width()).put(box.height());
    floats.put(sighting.score()).put(landmarks.presence());
    floats.put(landmarks.yaw()).put(landmarks.pitch()).put(landmarks.roll());
    floats.put(landmarks.points());
    bytes.clear();
    try {
      for (long at = (long) record * BYTES; bytes.hasRemaining(); ) {
        at += channel.write(bytes, at);
      }
    } catch (IOException e) {
      throw failure("write", e);
    }
  }

  Sighting get(int record) {
    bytes.clear();
    try {
      for (long at = (long) record * BYTES; bytes.hasRemaining(); ) {
        int read = channel.read(bytes, at);
        if (read < 0) {
          throw new IOException("the temporary file ends in record " + record);
        }
        at += read;
      }
    } catch (IOException e) {
      throw failure("read", e);
    }
    float[] figures = new float[FIGURES];
    float[] points = new float[POINTS];
    floats.clear().get(figures).get(points);
    return new Sighting(
        new Box(figures[0], figures[1], figures[2], figures[3]),
        figures[4],
        new FaceLandmarks(points, figures[5], figures[6], figures[7], figures[8]));
  }

  private UncheckedIOException failure(String deed, IOException cause) {
    return new UncheckedIOException(
        "Cannot %s the temporary file of what is seen, in %s: %s"
            .formatted(deed, folder, cause.getMessage()),
        cause);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failure("close", e);
    }
  }
}
