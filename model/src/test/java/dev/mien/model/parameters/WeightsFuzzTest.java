package dev.mien.model.parameters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.ZipFile;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Well-formed files with seeded damage: each is read, or refused with a reason, and costs no more
 * memory than a small multiple of its bytes.
 */
public class WeightsFuzzTest {

  private static final int MUTATIONS = 1000;
  private static final long ALLOWED_PER_BYTE = 64;
  private static final long ALLOWED_AT_LEAST = 1 << 20;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Classes are loaded once, for whichever file is the first: their memory is no file's. */
  @BeforeClass
  public void loadClasses() throws IOException {
    byte[] whole = Files.readAllBytes(WeightsTest.fixture("plain-torch1.13.pt"));
    Path file = Files.createTempFile("fuzz", ".pt");
    Weights.read(Files.write(file, whole));
    Path half = Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> Weights.read(half)).isInstanceOf(IOException.class);
    Files.delete(file);
  }

  @DataProvider
  public Object[][] fixtures() {
    return new Object[][] {
      {"plain-torch1.13.pt"},
      {"views-torch2.15.pt"},
      {"protocol4.pt"},
      {"lightning.ckpt"},
      {"lightning-numpy1.26.ckpt"},
      {"lightning-numpy2.4-protocol4.ckpt"}
    };
  }

  /** Damage anywhere: the zip's own structures above all, since its checksums guard the rest. */
  @Test(dataProvider = "fixtures")
  public void aDamagedFileIsReadOrRefused(String name) throws IOException {
    byte[] whole = Files.readAllBytes(WeightsTest.fixture(name));
    Path file = Files.createTempFile("fuzz", ".pt");
    for (int seed = 0; seed < MUTATIONS; seed++) {
      byte[] mutated = mutate(whole, new SplittableRandom(seed));
      assertReadOrRefused(name, seed, mutated, () -> Weights.read(Files.write(file, mutated)));
    }
    Files.delete(file);
  }

  /** Damage of the pickle alone, under a checksum that fits. */
  @Test(dataProvider = "fixtures")
  public void aDamagedPickleIsReadOrRefused(String name) throws IOException {
    Map<String, byte[]> entries = entries(WeightsTest.fixture(name));
    String pickle =
        entries.keySet().stream().filter(e -> e.endsWith("/data.pkl")).findFirst().orElseThrow();
    byte[] whole = entries.get(pickle);
    Path file = Files.createTempFile("fuzz", ".pt");
    int read = 0;
    for (int seed = 0; seed < MUTATIONS; seed++) {
      entries.put(pickle, mutate(whole, new SplittableRandom(seed)));
      byte[] mutated = ZipBytes.stored(entries);
      read +=
          assertReadOrRefused(name, seed, mutated, () -> Weights.read(Files.write(file, mutated)));
    }
    Files.delete(file);
    // the damage reaches what follows the pickle's parsing too
    assertThat(read).isBetween(MUTATIONS / 50, MUTATIONS - MUTATIONS / 50);
  }

  @Test
  public void damagedSafetensorsAreReadOrRefused() throws IOException {
    var out = new ByteArrayOutputStream();
    Safetensors.write(
        out,
        Map.of("format", "pt", "code", "x"),
        Map.of(
            "encoder.norm.weight", Tensor.of(List.of(2L, 3L), 1, 2, 3, 4, 5, 6),
            "encoder.norm.bias", Tensor.of(List.of(3L), 1, 2, 3),
            "scalar", Tensor.of(List.of(), 1)));
    byte[] whole = out.toByteArray();
    int read = 0;
    for (int seed = 0; seed < 5 * MUTATIONS; seed++) {
      byte[] mutated = mutate(whole, new SplittableRandom(seed));
      read +=
          assertReadOrRefused(
              "safetensors",
              seed,
              mutated,
              () -> Safetensors.read(new ByteArrayInputStream(mutated)));
    }
    assertThat(read).isBetween(MUTATIONS / 10, 5 * MUTATIONS - MUTATIONS / 10);
  }

  @FunctionalInterface
  private interface Reader {
    Object read() throws IOException;
  }

  /** One if the file was read. */
  private static int assertReadOrRefused(String name, int seed, byte[] bytes, Reader reader) {
    int read = 0;
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      reader.read();
      read = 1;
    } catch (IOException e) {
      assertThat(e.getMessage()).as("%s, seed %d", name, seed).startsWith("Invalid ");
    } catch (RuntimeException | Error e) {
      throw new AssertionError(name + ", seed " + seed + ": " + e, e);
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated)
        .as("bytes allocated for %d of %s, seed %d", bytes.length, name, seed)
        .isLessThan(ALLOWED_AT_LEAST + ALLOWED_PER_BYTE * bytes.length);
    return read;
  }

  private static byte[] mutate(byte[] whole, SplittableRandom random) {
    byte[] bytes = whole.clone();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      int at = random.nextInt(bytes.length);
      int length = Math.min(random.nextInt(1, 9), bytes.length - at);
      switch (random.nextInt(7)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> Arrays.fill(bytes, at, at + length, (byte) 0xFF);
        case 3 -> Arrays.fill(bytes, at, at + length, (byte) 0);
        case 4 -> bytes = spliced(bytes, at, length, new byte[0]);
        case 5 -> bytes = spliced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + length));
        case 6 -> {
          int from = random.nextInt(bytes.length - length + 1);
          System.arraycopy(bytes, from, bytes, at, length);
        }
        default -> throw new AssertionError();
      }
    }
    return bytes;
  }

  private static byte[] spliced(byte[] bytes, int at, int removed, byte[] added) {
    var out = new ByteArrayOutputStream();
    out.write(bytes, 0, at);
    out.writeBytes(added);
    out.write(bytes, at + removed, bytes.length - at - removed);
    return out.toByteArray();
  }

  private static Map<String, byte[]> entries(Path file) throws IOException {
    var entries = new LinkedHashMap<String, byte[]>();
    try (var zip = new ZipFile(file.toFile())) {
      for (var entry : zip.stream().toList()) {
        entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
      }
    }
    return entries;
  }
}
