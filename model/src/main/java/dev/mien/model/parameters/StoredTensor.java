package dev.mien.model.parameters;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * A tensor as a PyTorch file describes it: a view of a storage, which other tensors may share.
 *
 * @param offset of the first element, in elements
 * @param shape the lengths
 * @param strides elements from one index to the next, for each dimension
 */
record StoredTensor(Storage storage, long offset, List<Long> shape, List<Long> strides) {

  /**
   * A sequence of elements.
   *
   * @param key name of the entry that holds them
   * @param elements how many
   */
  record Storage(Tensor.Type type, String key, long elements) {
    /** The types by PyTorch's names for their storages. */
    static final Map<String, Tensor.Type> TYPES =
        Map.of(
            "torch.DoubleStorage", Tensor.Type.F64,
            "torch.FloatStorage", Tensor.Type.F32,
            "torch.HalfStorage", Tensor.Type.F16,
            "torch.BFloat16Storage", Tensor.Type.BF16,
            "torch.LongStorage", Tensor.Type.I64,
            "torch.IntStorage", Tensor.Type.I32,
            "torch.ShortStorage", Tensor.Type.I16,
            "torch.CharStorage", Tensor.Type.I8,
            "torch.ByteStorage", Tensor.Type.U8,
            "torch.BoolStorage", Tensor.Type.BOOL);
  }

  /**
   * Checks that every element lies in the storage, whose size is checked when it is read.
   *
   * @throws IOException if an element does not
   */
  static StoredTensor of(Storage storage, long offset, List<Long> shape, List<Long> strides)
      throws IOException {
    if (shape.size() != strides.size() || shape.size() > Tensor.MOST_DIMENSIONS) {
      throw new IOException(
          "Invalid tensor: %d lengths and %d strides (must be as many, at most %d)"
              .formatted(shape.size(), strides.size(), Tensor.MOST_DIMENSIONS));
    }
    try {
      long last = offset;
      boolean empty = false;
      for (int i = 0; i < shape.size(); i++) {
        if (shape.get(i) < 0 || strides.get(i) < 0) {
          throw outside(storage, offset, shape, strides);
        }
        empty |= shape.get(i) == 0;
        last = Math.addExact(last, Math.multiplyExact(shape.get(i) - 1, strides.get(i)));
      }
      if (offset < 0 || (!empty && last >= storage.elements())) {
        throw outside(storage, offset, shape, strides);
      }
      Tensor.bytes(storage.type(), shape);
    } catch (ArithmeticException e) {
      throw outside(storage, offset, shape, strides);
    }
    return new StoredTensor(storage, offset, List.copyOf(shape), List.copyOf(strides));
  }

  /** Bytes of the tensor's elements, counting an element as often as the tensor has it. */
  long bytes() {
    return Tensor.bytes(storage.type(), shape);
  }

  /**
   * The elements in row-major order; they are not copied where the storage has them in that order.
   *
   * @param data the storage's bytes, little-endian
   */
  Tensor read(ByteBuffer data) {
    int width = storage.type().bytes();
    int bytes = (int) bytes();
    if (bytes == 0) {
      return new Tensor(storage.type(), shape, ByteBuffer.allocate(0));
    }
    if (isRowMajor()) {
      return new Tensor(storage.type(), shape, data.slice((int) offset * width, bytes));
    }

    ByteBuffer copy = ByteBuffer.allocate(bytes);
    var index = new long[shape.size()];
    long at = offset;
    while (copy.hasRemaining()) {
      copy.put(copy.position(), data, (int) at * width, width);
      copy.position(copy.position() + width);
      for (int i = index.length - 1; i >= 0; i--) {
        index[i]++;
        at += strides.get(i);
        if (index[i] < shape.get(i)) {
          break;
        }
        at -= index[i] * strides.get(i);
        index[i] = 0;
      }
    }
    return new Tensor(storage.type(), shape, copy.flip());
  }

  private boolean isRowMajor() {
    long expected = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      if (shape.get(i) != 1 && strides.get(i) != expected) {
        return false;
      }
      expected *= shape.get(i);
    }
    return true;
  }

  private static IOException outside(
      Storage storage, long offset, List<Long> shape, List<Long> strides) {
    return new IOException(
        "Invalid tensor: offset %d, shape %s, strides %s reach outside storage %s of %d elements"
            .formatted(offset, shape, strides, Tensor.shown(storage.key()), storage.elements()));
  }
}
