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

/**
 * What was seen in one video, in a temporary file: 468 points a frame and face are too much to hold
 * in memory for a long video. Records are of one length, numbered from 0: box, score, presence,
 * yaw, pitch, roll and points as native floats. Close it, which deletes it.
 */
final class SightingFile implements AutoCloseable {
  private static final int FIGURES = 9;
  private static final int POINTS = 2 * FaceLandmarks.POINTS;
  private static final int BYTES = Float.BYTES * (FIGURES + POINTS);

  private final FileChannel channel;
  private final ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
  private final FloatBuffer floats = bytes.asFloatBuffer();
  private int records;

  SightingFile() {
    try {
      Path file = Files.createTempFile("mien-sightings", "");
      channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot open a temporary file for what is seen", e);
    }
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
      throw new UncheckedIOException("Cannot store what is seen in a temporary file", e);
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
      throw new UncheckedIOException("Cannot read back what was seen", e);
    }
    float[] figures = new float[FIGURES];
    float[] points = new float[POINTS];
    floats.clear().get(figures).get(points);
    return new Sighting(
        new Box(figures[0], figures[1], figures[2], figures[3]),
        figures[4],
        new FaceLandmarks(points, figures[5], figures[6], figures[7], figures[8]));
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot close a temporary file", e);
    }
  }
}
