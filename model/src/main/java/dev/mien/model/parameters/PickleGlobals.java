package dev.mien.model.parameters;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The closed list of names that a pickle of tensors may refer to: three functions of PyTorch and
 * Python, the types of storages, and those by which NumPy's scalars are made. None of them is run:
 * what a known function would do is done here, on plain data, or not at all for NumPy's.
 */
final class PickleGlobals {

  private enum Function {
    ORDERED_DICT,
    REBUILD_TENSOR,
    REBUILD_PARAMETER,
    NUMPY_SCALAR
  }

  /**
   * Stands for a NumPy scalar of any value, and for its parts: its functions, its type, its bytes.
   * A checkpoint's learning rates may be such scalars, which no tensor needs.
   */
  static final Object NUMPY_SCALAR = Function.NUMPY_SCALAR;

  private static final Map<String, Function> FUNCTIONS =
      Map.of(
          "collections.OrderedDict", Function.ORDERED_DICT,
          "torch._utils._rebuild_tensor_v2", Function.REBUILD_TENSOR,
          "torch._utils._rebuild_parameter", Function.REBUILD_PARAMETER,
          "numpy.core.multiarray.scalar", Function.NUMPY_SCALAR,
          "numpy._core.multiarray.scalar", Function.NUMPY_SCALAR, // since NumPy 2
          "numpy.dtype", Function.NUMPY_SCALAR,
          "_codecs.encode", Function.NUMPY_SCALAR); // how protocol 2 encodes bytes

  private PickleGlobals() {}

  /** What a name refers to: a function to be called, or the type of a storage. */
  static Object named(String module, String name) throws IOException {
    String full = module + "." + name;
    Object known = FUNCTIONS.get(full);
    Object type = StoredTensor.Storage.TYPES.get(full);
    if (known == null && type == null) {
      throw Unpickler.invalid(
          "names %s, which is not on the list of what a file of tensors needs (if the file is"
              + " yours, save its state dict alone, with torch.save or safetensors)",
          Tensor.shown(full));
    }
    return known == null ? type : known;
  }

  /** The result of a function for a tuple of arguments. */
  static Object call(Object function, Object argument) throws IOException {
    if (!(function instanceof Function known) || !(argument instanceof List<?> arguments)) {
      throw Unpickler.invalid("calls %s", Unpickler.describe(function));
    }
    switch (known) {
      case ORDERED_DICT -> {
        if (arguments.isEmpty()) {
          return new LinkedHashMap<Object, Object>();
        }
      }
      case REBUILD_TENSOR -> {
        if (arguments.size() >= 6
            && arguments.get(0) instanceof StoredTensor.Storage storage
            && arguments.get(1) instanceof Long offset
            && arguments.get(2) instanceof List<?> shape
            && arguments.get(3) instanceof List<?> strides) {
          return StoredTensor.of(storage, offset, numbers(shape), numbers(strides));
        }
      }
      case REBUILD_PARAMETER -> {
        if (arguments.size() >= 2 && arguments.get(0) instanceof StoredTensor tensor) {
          return tensor;
        }
      }
      case NUMPY_SCALAR -> {
        return NUMPY_SCALAR;
      }
    }
    throw Unpickler.invalid("calls %s with other arguments than PyTorch does", known);
  }

  /** The storage that PyTorch describes by a tuple of five. */
  static Object storage(Object identity) throws IOException {
    if (identity instanceof List<?> parts
        && parts.size() == 5
        && "storage".equals(parts.get(0))
        && parts.get(1) instanceof Tensor.Type type
        && parts.get(2) instanceof String key
        && parts.get(3) instanceof String
        && parts.get(4) instanceof Long elements
        && elements >= 0
        && elements <= Integer.MAX_VALUE) { // no array holds more
      return new StoredTensor.Storage(type, key, elements);
    }
    throw Unpickler.invalid(
        "refers to %s where PyTorch refers to a storage", Unpickler.describe(identity));
  }

  private static List<Long> numbers(List<?> values) throws IOException {
    var numbers = new ArrayList<Long>(values.size());
    for (Object value : values) {
      if (!(value instanceof Long number)) {
        throw Unpickler.invalid("has %s in the shape of a tensor", Unpickler.describe(value));
      }
      numbers.add(number);
    }
    return numbers;
  }
}
