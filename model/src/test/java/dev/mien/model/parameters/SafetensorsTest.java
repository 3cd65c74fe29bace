package dev.mien.model.parameters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class SafetensorsTest {
  private static final String LONG = "n".repeat(2000);

  @Test
  public void writesTheFormatToTheByte() throws IOException {
    var flags = new Tensor(Tensor.Type.U8, List.of(3L), ByteBuffer.wrap(new byte[] {7, 8, 9}));
    byte[] file =
        write(
            Map.of("step", "12", "a", "b"),
            Map.of("flags", flags, "weight", Tensor.of(List.of(1L, 2L), 1f, -2f)));
    String json =
        "{\"__metadata__\":{\"a\":\"b\",\"step\":\"12\"},"
            + "\"flags\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[8,11]},"
            + "\"weight\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}";
    int padded = (json.length() + 7) / 8 * 8;
    var expected = ByteBuffer.allocate(8 + padded + 11).order(ByteOrder.LITTLE_ENDIAN);
    expected.putLong(padded).put(utf8(json)).put(utf8(" ".repeat(padded - json.length())));
    expected.putFloat(1).putFloat(-2).put(new byte[] {7, 8, 9});
    assertThat(new String(file, StandardCharsets.ISO_8859_1))
        .isEqualTo(new String(expected.array(), StandardCharsets.ISO_8859_1));

    Safetensors read = Safetensors.read(new ByteArrayInputStream(file));
    assertThat(read.metadata()).isEqualTo(Map.of("a", "b", "step", "12"));
    assertThat(read.tensors().get("weight").floats()).containsExactly(1, -2);
    assertThat(read.tensors().get("flags")).isEqualTo(flags);
  }

  @Test
  public void writesScalarsAndEmptyFiles() throws IOException {
    byte[] file = write(Map.of(), Map.of("s", Tensor.of(List.of(), 4f)));
    assertThat(Safetensors.read(new ByteArrayInputStream(file)).tensors().get("s").floats())
        .containsExactly(4);
    assertThat(Safetensors.read(new ByteArrayInputStream(write(Map.of(), Map.of()))).tensors())
        .isEmpty();
  }

  @DataProvider
  public Object[][] hostile() {
    return new Object[][] {
      {"{\"a\":" + entry("F32", "[2]", 0, 4) + "}", 4, "tensor a at [0,4) (F32 of shape [2]"},
      {"{\"a\":" + entry("F32", "[2]", 8, 0) + "}", 8, "tensor a at [8,0)"},
      {"{\"a\":" + entry("F32", "[1]", 4, 8) + "}", 8, "tensor a begins at 4, the one before it"},
      {
        "{\"a\":" + entry("U8", "[4]", 0, 4) + ",\"b\":" + entry("U8", "[4]", 2, 6) + "}",
        6,
        "tensor b begins at 2, the one before it ends at 4"
      },
      {"{\"a\":" + entry("F32", "[-1]", 0, 4) + "}", 4, "tensor a has a negative number -1"},
      {"{\"a\":" + entry("X9", "[1]", 0, 4) + "}", 4, "tensor a is of dtype X9 (must be one of [F"},
      {
        "{\"a\":" + entry("F32", "[4611686018427387904,4]", 0, 4) + "}",
        4,
        "tensor a of shape [4611686018427387904, 4] is too large"
      },
      {"{\"a\":" + entry("U8", "[3000000000]", 0, 3000000000L) + "}", 4, "too large for one array"},
      {"{\"a\":" + entry("F32", "[1]", 0, 4) + "}", 3, "ends after 3 of 4 bytes of a"},
      {"{\"a\":" + entry("F32", "[1]", 0, 4) + "}", 5, "bytes follow the last tensor"},
      {
        "{\"a\":" + entry("U8", "[0]", 0, 0) + ",\"a\":" + entry("U8", "[0]", 0, 0) + "}",
        0,
        "tensor a occurs twice"
      },
      {
        "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        4,
        "tensor a has two members dtype"
      },
      {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "__metadata__ occurs twice"},
      {"{\"a\":{\"dtype\":\"U8\"}}", 0, "tensor a needs dtype, shape and two data_offsets"},
      {"{\"__metadata__\":{\"a\":1}}", 0, "metadata a is not a string"},
      {"{} {}", 0, "Invalid safetensors header"},
      {"{\"a\":", 0, "Invalid safetensors header"},
      {"[1]", 0, "Invalid safetensors header"},
      {"{\"" + "n".repeat(1001) + "\":{}}", 0, "a name of 1001 characters (at most 1000)"},
      {"{\"__metadata__\":{\"" + LONG + "\":\"\"}}", 0, "a name of 2000 characters"},
      {"{\"a\":{\"" + LONG + "\":0}}", 0, "a name of 2000 characters (at most 1000)"},
      {"{\"a\":" + entry(LONG, "[1]", 0, 4) + "}", 4, "tensor a is of dtype nnnnn"},
      {
        "{\"a\":" + entry("U8", "[" + "1,".repeat(16) + "1]", 0, 1) + "}",
        1,
        "tensor a has a list of more than 16 numbers"
      },
      {"{\"a\":" + entry("U8", "[\"" + LONG + "\"]", 0, 1) + "}", 1, "Invalid safetensors header"}
    };
  }

  @Test(dataProvider = "hostile")
  public void namesWhatIsWrongWithAFile(String json, int dataBytes, String message) {
    byte[] file = file(json.length(), json, dataBytes);
    assertThatThrownBy(() -> Safetensors.read(new ByteArrayInputStream(file)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message)
        .hasMessageStartingWith("Invalid safetensors")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
  }

  @Test
  public void refusesLengthsThatTheFormatDoesNotAllow() {
    assertInvalid(new byte[5], "5 bytes (must begin with 8 of length)");
    assertInvalid(file(-1, "{}", 0), "a header of 18446744073709551615 bytes");
    assertInvalid(file(100_000_001, "{}", 0), "a header of 100000001 bytes");
    assertInvalid(file(9, "{}", 0), "ends after 2 of the header's 9 bytes");
  }

  private static void assertInvalid(byte[] file, String message) {
    assertThatThrownBy(() -> Safetensors.read(new ByteArrayInputStream(file)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  private static String entry(String type, String shape, long begin, long end) {
    return "{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(type, shape, begin, end);
  }

  private static byte[] file(long length, String json, int dataBytes) {
    return ByteBuffer.allocate(8 + json.length() + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(utf8(json))
        .array();
  }

  private static byte[] write(Map<String, String> metadata, Map<String, Tensor> tensors)
      throws IOException {
    var out = new ByteArrayOutputStream();
    Safetensors.write(out, metadata, tensors);
    return out.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
