package dev.mien.spark.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class FloatArraySerializerTest {

  private static final int BUFFER = 4096;

  private Kryo kryo;

  @BeforeMethod
  public void open() {
    kryo = new Kryo();
    kryo.setRegistrationRequired(true);
    kryo.register(float[].class, new FloatArraySerializer());
  }

  /** Lengths around Kryo's buffer and the pieces that go past it. */
  @DataProvider
  public Object[][] lengths() {
    return new Object[][] {
      {0}, {1}, {1023}, {1024}, {1025}, {16_383}, {16_384}, {16_385}, {50_000}
    };
  }

  @Test(dataProvider = "lengths")
  public void whatLiesAroundAnArrayStaysInItsPlace(int length) {
    float[] values = values(length);
    try (Input input = new Input(new ByteArrayInputStream(written(values)), BUFFER)) {
      assertThat(input.readInt()).isEqualTo(7);
      assertThat(kryo.readObject(input, float[].class)).isEqualTo(values);
      assertThat(kryo.readObject(input, float[].class)).isEqualTo(new float[] {Float.NaN, -0f});
      assertThat(input.readString()).isEqualTo("after");
      assertThat(input.eof()).isTrue();
    }
  }

  @Test(dataProvider = "lengths")
  public void aBufferWithoutAStreamTakesThemToo(int length) {
    float[] values = values(length);
    Output output = new Output(BUFFER, -1);
    kryo.writeObject(output, values);
    assertThat(kryo.readObject(new Input(output.toBytes()), float[].class)).isEqualTo(values);
  }

  @Test
  public void aStreamThatEndsEarlyIsNoArray() {
    byte[] written = written(values(50_000));
    byte[] cut = Arrays.copyOf(written, written.length / 2);
    try (Input input = new Input(new ByteArrayInputStream(cut), BUFFER)) {
      input.readInt();
      assertThatThrownBy(() -> kryo.readObject(input, float[].class))
          .isInstanceOf(KryoException.class)
          .hasMessageContaining("underflow");
    }
  }

  @Test
  public void aBitThatFlipsOnTheWayIsNoticed() {
    byte[] written = written(values(50_000));
    written[written.length / 2] ^= 1;
    try (Input input = new Input(new ByteArrayInputStream(written), BUFFER)) {
      input.readInt();
      assertThatThrownBy(() -> kryo.readObject(input, float[].class))
          .isInstanceOf(KryoException.class)
          .hasMessageContaining("50000 values were damaged on their way: CRC-32C");
    }
  }

  private byte[] written(float[] values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Output output = new Output(bytes, BUFFER)) {
      output.writeInt(7);
      kryo.writeObject(output, values);
      kryo.writeObject(output, new float[] {Float.NaN, -0f});
      output.writeString("after");
    }
    return bytes.toByteArray();
  }

  private static float[] values(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = i * 0.37f - 11;
    }
    return values;
  }
}
