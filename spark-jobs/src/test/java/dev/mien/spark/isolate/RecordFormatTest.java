package dev.mien.spark.isolate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.testng.annotations.Test;

public class RecordFormatTest {

  private static final long SEED = 41;

  enum Colour {
    RED,
    GREEN
  }

  record Inner(String name, Integer number, Colour colour) {}

  @SuppressWarnings("ArrayRecordComponent")
  record Outer(
      int i,
      long l,
      float f,
      double d,
      boolean b,
      Path path,
      Inner inner,
      List<Inner> inners,
      Map<String, Integer> counts,
      byte[] bytes,
      short[] shorts,
      int[] ints,
      long[] longs,
      float[] floats,
      double[] doubles) {}

  sealed interface Message {
    record Text(String text) implements Message {}

    record Count(long count) implements Message {}
  }

  record Unknown(Set<String> names) {}

  private static final Outer OUTER =
      new Outer(
          -7,
          1L << 40,
          0.1f,
          -0.0,
          true,
          Path.of("/videos/Zoë.mp4"),
          new Inner(null, null, null),
          List.of(new Inner("a", 3, Colour.GREEN), new Inner("", -1, Colour.RED)),
          Map.of("track: too short", 2),
          new byte[] {1, -1},
          new short[] {Short.MIN_VALUE, 7},
          new int[] {},
          new long[] {Long.MAX_VALUE},
          new float[] {1.5f, Float.NEGATIVE_INFINITY},
          new double[] {Double.MIN_VALUE});

  @Test
  public void aRecordComesBackAsItWas() throws IOException {
    RecordFormat<Outer> format = RecordFormat.of(Outer.class);

    assertThat(format.read(bytes(format, OUTER))).usingRecursiveComparison().isEqualTo(OUTER);
  }

  @Test
  public void aSealedInterfaceSaysWhichRecordItIs() throws IOException {
    RecordFormat<Message> format = RecordFormat.of(Message.class);

    assertThat(format.read(bytes(format, new Message.Text("t")))).isEqualTo(new Message.Text("t"));
    assertThat(format.read(bytes(format, new Message.Count(9)))).isEqualTo(new Message.Count(9));
  }

  @Test
  public void bytesThatAreCutShortAreRefused() throws IOException {
    RecordFormat<Outer> format = RecordFormat.of(Outer.class);
    byte[] bytes = bytes(format, OUTER);

    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> format.read(cut))
          .as("%d bytes", length)
          .isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> format.read(Arrays.copyOf(bytes, bytes.length + 1)))
        .hasMessage("1 bytes after a Outer");
  }

  /** A wrong count must not make an array of gigabytes: this JVM has not that many to give. */
  @Test
  public void garbledBytesAreReadOrRefusedAndNothingElse() throws IOException {
    RecordFormat<Outer> format = RecordFormat.of(Outer.class);
    byte[] bytes = bytes(format, OUTER);
    Random random = new Random(SEED);

    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] garbled = bytes.clone();
      int place = random.nextInt(bytes.length);
      garbled[place] = (byte) random.nextInt();
      try {
        format.read(garbled);
      } catch (IOException e) {
        refused++;
      }
    }

    assertThat(refused).as("seed %d", SEED).isGreaterThan(1000);
  }

  @Test
  public void aTypeWithoutAPlaceInTheFormatIsNamed() {
    assertThatThrownBy(() -> RecordFormat.of(Unknown.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No format for java.util.Set<java.lang.String>");
  }

  static <T> byte[] bytes(RecordFormat<T> format, T value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    format.write(value, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }
}
