package dev.mien.model.parameters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class HostileWeightsTest {

  private static final String TENSOR = "ctorch._utils\n_rebuild_tensor_v2\n";
  private static final String HOOKS = "ccollections\nOrderedDict\n)R";
  // pickletools.optimize(pickle.dumps(np.float64(0.1), 2)) of NumPy 1.26, without protocol and end
  private static final String NUMPY_SCALAR =
      "cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nX\u0002\0\0\0f8\u0089\u0088\u0087R"
          + "(K\u0003X\u0001\0\0\0<NNNJ\u00FF\u00FF\u00FF\u00FFJ\u00FF\u00FF\u00FF\u00FFK\0tb"
          + "c_codecs\nencode\nX\u000F\0\0\0"
          + "\u00C2\u009A"
          + "\u00C2\u0099".repeat(5)
          + "\u00C2\u00B9?X\u0006\0\0\0latin1\u0086R\u0086R";
  private static final byte[] STORAGE = new byte[16];

  private Path file;

  @BeforeClass
  public void file() throws IOException {
    file = Files.createTempFile("hostile", ".pt");
    file.toFile().deleteOnExit();
  }

  @DataProvider
  public Object[][] pickles() {
    String text = "X\u0001\0\0\0a";
    return new Object[][] {
      {"cos\nsystem\n" + text + "\u0085R.", "names os.system, which is not on the list"},
      {"cbuiltins\neval\n" + text + "\u0085R.", "names builtins.eval, which is not on the list"},
      {"\u008C\u0005posix\u008C\u0006system\u0093)R.", "names posix.system"},
      {"ctorch\nload\n)R.", "names torch.load"},
      {"c\ncollections.OrderedDict\n)R.", "names .collections.OrderedDict"},
      {"cnumpy.core.multiarray\n_reconstruct\n)R.", "names numpy.core.multiarray._reconstruct, "},
      {"cnumpy\nndarray\n)R.", "names numpy.ndarray, which is not on the list"},
      {"c_codecs\ndecode\n)R.", "names _codecs.decode, which is not on the list"},
      {"(ios\nsystem\n.", "uses the operation INST"},
      {"(cos\nsystem\no.", "names os.system"},
      {"(" + HOOKS + "o.", "uses the operation OBJ"},
      {"ccollections\nOrderedDict\n)\u0081.", "uses the operation NEWOBJ"},
      {"\u0082\u0001.", "uses the operation EXT1"},
      {"Pos.system\n.", "uses the operation PERSID"},
      {"\u008B\u0001\0\0\0a.", "uses the operation LONG4"},
      {text + ")R.", "calls a text"},
      {"ccollections\nOrderedDict\n(]tR.", "calls ORDERED_DICT with other arguments"},
      {TENSOR + "(" + text + "tR.", "calls REBUILD_TENSOR with other arguments"},
      {text + "}b.", "sets the state of a text"},
      {"}" + NUMPY_SCALAR + "b.", "sets the state of a dictionary"},
      {NUMPY_SCALAR + text + "b.", "sets the state of a NumPy scalar"},
      {NUMPY_SCALAR + text + "R.", "calls a NumPy scalar"},
      {NUMPY_SCALAR + text + "\u0093.", "names a NumPy scalar"},
      {NUMPY_SCALAR + "Na.", "appends to a NumPy scalar"},
      {NUMPY_SCALAR + "Q.", "refers to a NumPy scalar where PyTorch refers to a storage"},
      {"}" + NUMPY_SCALAR + "Ns.", "has a NumPy scalar as a key"},
      {NUMPY_SCALAR + ".", "it holds a NumPy scalar (must be a dictionary of tensors)"},
      {"}" + text + NUMPY_SCALAR + "s.", "its dictionary has a NumPy scalar under a"},
      {"}X\u0002\0\0\0\u001Bc]s.", "its dictionary has a list under ?c (must"},
      {"}" + text + "C\u0001as.", "its dictionary has a NumPy scalar under a"},
      {
        "}X\n\0\0\0state_dict" + NUMPY_SCALAR + "s.",
        "its dictionary has a NumPy scalar under state_dict"
      },
      {
        "ctorch._utils\n_rebuild_parameter\n(" + NUMPY_SCALAR + "\u0089" + HOOKS + "tR.",
        "calls REBUILD_PARAMETER with other arguments"
      },
      {text + "Q.", "refers to a text where PyTorch refers to a storage"},
      {"]".repeat(20_000) + ".", "holds more than 16384 objects at once"},
      {"(".repeat(20_000) + ".", "holds more than 16384 objects at once"},
      {"N0".repeat(600_000) + "N.", "takes more than 1000000 operations"},
      {"]q\0h\0a}h\0h\0s.", "has a list as a key"},
      {"h\u0007.", "recalls object 7, which was not kept"},
      {"X\u00FF\u00FF\u00FF\u007F.", "has a text of 2147483647 bytes"},
      {"\u008D\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF.", "has a text of -1 bytes"},
      {
        "\u0095\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF.", "has a frame of 1844674407370955"
      },
      {"\u008A\u00FF" + "a".repeat(255) + ".", "has a whole number of 255 bytes"},
      {"\u0080\u0002.", "has a second protocol"},
      {"N", "ends within an operation"},
      {"cos", "ends within an operation"},
      {"C\u00FFa.", "ends within an operation"},
      {".", "takes an object where there is none"},
      {"NN.", "leaves 1 objects behind"},
      {"t.", "takes objects after a mark where there is none"},
      {"}(Nu.", "puts 1 keys and values into a dictionary"},
      {")Na.", "appends to a list"},
      // dictionaries that hold themselves, and lists that double twenty times, are never followed
      {"}q\0(X\n\0\0\0state_dicth\0u.", "its dictionary has a dictionary under state_dict"},
      {"}" + text + "]q\0" + "0](h\0h\0eq\0".repeat(20) + "s.", "its dictionary has a list under a"}
    };
  }

  @Test(dataProvider = "pickles")
  public void aPickleThatIsNoStateDictIsRefusedByName(String pickle, String message)
      throws IOException {
    assertRefused(zip(pickle), message);
  }

  @DataProvider
  public Object[][] views() {
    return new Object[][] {
      {view(1, "K\u0004\u0085", "K\u0001\u0085"), "offset 1, shape [4], strides [1] reach outside"},
      {view(0, "K\u0002\u0085", "K\u0004\u0085"), "offset 0, shape [2], strides [4] reach outside"},
      {view(3, "K\u0002\u0085", "J\u00FF\u00FF\u00FF\u00FF\u0085"), "strides [-1] reach outside"},
      {
        view(0, "J\u00FF\u00FF\u00FF\u00FF\u0085", "K\u0001\u0085"), "shape [-1], strides [1] reach"
      },
      {
        view(0, "\u008A\u0008\0\0\0\0\0\0\0@\u0085", "\u008A\u0008\0\0\0\0\0\0\0@\u0085"),
        "reach outside storage"
      },
      {
        view(0, "J\0\0\0\u0010K\u0004\u0086", "K\0K\u0001\u0086"),
        "tensors of 4294967296 bytes in a file of "
      },
      {view(0, "K\u0004\u0085", "K\u0001K\u0001\u0086"), "1 lengths and 2 strides"},
      {view(0, "(" + "K\u0001".repeat(17) + "t", "(" + "K\u0001".repeat(17) + "t"), "17 lengths"},
      {view(0, "N\u0085", "K\u0001\u0085"), "has None in the shape of a tensor"},
      {
        view(0, NUMPY_SCALAR + "\u0085", "K\u0001\u0085"),
        "has a NumPy scalar in the shape of a tensor"
      },
      {
        view(0, "K\u0004\u0085", NUMPY_SCALAR + "\u0085"),
        "has a NumPy scalar in the shape of a tensor"
      },
      {view(0, NUMPY_SCALAR, "K\u0001\u0085"), "calls REBUILD_TENSOR with other arguments"},
      {
        view(0, "K\u0004\u0085", "K\u0001\u0085").replace("K\u0004tQ", NUMPY_SCALAR + "tQ"),
        "refers to a list where PyTorch refers to a storage"
      },
      {
        view(0, "K\u0004\u0085", "K\u0001\u0085").replace("tQK\0", "tQ" + NUMPY_SCALAR),
        "calls REBUILD_TENSOR with other arguments"
      },
      {
        view(0, "K\u0004\u0085", "K\u0001\u0085").replace("K\u0004tQ", "K\u0005tQ"),
        "tensor a needs 20 bytes of storage, which the file has as 16"
      },
      {
        view(0, "K\u0004\u0085", "K\u0001\u0085").replace("\u0001\0\0\0000", "\u0001\0\0\0007"),
        "tensor a needs 16 bytes of storage, which the file lacks"
      },
      {
        view(0, "K\u0004\u0085", "K\u0001\u0085")
            .replace("}X\u0001\0\0\0a", "}X\u0002\0\0\0\u001Bc")
            .replace("\u0001\0\0\0000", "\u0001\0\0\0007"),
        "tensor ?c needs 16 bytes of storage, which the file lacks"
      }
    };
  }

  @Test(dataProvider = "views")
  public void aViewMustLieInItsStorage(String pickle, String message) throws IOException {
    assertThat(Weights.read(write(zip(view(0, "K\u0004\u0085", "K\u0001\u0085"))))).hasSize(1);
    assertRefused(zip(pickle), message);
  }

  @Test
  public void aZipThatPyTorchWouldNotWriteIsRefused() throws IOException {
    Map<String, byte[]> entries = entries(view(0, "K\u0004\u0085", "K\u0001\u0085"));
    byte[] good = ZipBytes.stored(entries);
    assertRefused(ZipBytes.compressed(entries), "is compressed or encrypted");
    assertRefused(append(good, "x"), "no directory at the end");
    assertRefused(with(entries, "a/../../etc/passwd", "x"), "is a path trick");
    assertRefused(with(entries, "/a/x", "x"), "is a path trick");
    assertRefused(with(entries, "a\\x", "x"), "is a path trick");
    assertRefused(with(entries, "b/x", "x"), "entry b/x lies outside the folder a/");
    assertRefused(with(entries, "b/\u009B2J", "x"), "entry b/?2J lies outside the folder a/");
    assertRefused(with(entries, "b/data.pkl", "x"), "2 pickles named data.pkl");
    assertRefused(with(entries, "a/byteorder", "big"), "the byte order is not little-endian");
    assertRefused(with(entries, "a/code/x.py", "x"), "this is a TorchScript archive");
    assertRefused(ZipBytes.stored(Map.of("x", new byte[1])), "0 pickles named data.pkl");

    // a second directory entry for the same bytes, as overlapping zip bombs have
    byte[] overlapping = with(entries, "a/data/1", "sixteen bytes!!!");
    int second = indexOf(overlapping, "PK\1\2", lastIndexOf(overlapping, "PK\1\2"));
    int first = indexOf(overlapping, "PK\1\2", indexOf(overlapping, "PK\1\2", 0) + 4);
    System.arraycopy(overlapping, first + 42, overlapping, second + 42, 4);
    assertRefused(overlapping, "overlaps the one before it");

    byte[] renamed = good.clone();
    renamed[indexOf(renamed, "a/data/0", 0) + 7] = '1';
    assertRefused(renamed, "entry a/data/0 calls itself a/data/1");

    byte[] damaged = good.clone();
    damaged[indexOf(damaged, "a/data/0", 0) + 8] ^= 1;
    assertRefused(damaged, "entry a/data/0 is damaged");

    byte[] encrypted = good.clone();
    encrypted[lastIndexOf(encrypted, "PK\1\2") + 8] |= 1;
    assertRefused(encrypted, "is compressed or encrypted");
  }

  @Test
  public void aFileCutAnywhereIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(WeightsTest.fixture("lightning.ckpt"));
    for (int length = 0; length < whole.length; length += length < 64 ? 1 : 37) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> Weights.read(write(cut)))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("Invalid ");
    }
  }

  /** A dictionary with one tensor, a, over storage 0 of four floats. */
  private static String view(int offset, String shape, String strides) {
    return "}X\u0001\0\0\0a"
        + TENSOR
        + "((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\0000X\u0003\0\0\0cpuK\u0004tQK"
        + (char) offset
        + shape
        + strides
        + "\u0089"
        + HOOKS
        + "tRs.";
  }

  private static Map<String, byte[]> entries(String pickle) {
    var entries = new LinkedHashMap<String, byte[]>();
    entries.put("a/data.pkl", ("\u0080\u0002" + pickle).getBytes(StandardCharsets.ISO_8859_1));
    entries.put("a/data/0", STORAGE);
    return entries;
  }

  private static byte[] zip(String pickle) throws IOException {
    return ZipBytes.stored(entries(pickle));
  }

  private static byte[] with(Map<String, byte[]> entries, String name, String data)
      throws IOException {
    var more = new LinkedHashMap<>(entries);
    more.put(name, data.getBytes(StandardCharsets.ISO_8859_1));
    return ZipBytes.stored(more);
  }

  private static byte[] append(byte[] bytes, String more) throws IOException {
    var out = new ByteArrayOutputStream();
    out.write(bytes);
    out.write(more.getBytes(StandardCharsets.ISO_8859_1));
    return out.toByteArray();
  }

  private static int indexOf(byte[] bytes, String sought, int from) {
    return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(sought, from);
  }

  private static int lastIndexOf(byte[] bytes, String sought) {
    return new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf(sought);
  }

  private void assertRefused(byte[] bytes, String message) {
    assertThatThrownBy(() -> Weights.read(write(bytes)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Invalid ")
        .hasMessageContaining(message);
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(file, bytes);
  }
}
