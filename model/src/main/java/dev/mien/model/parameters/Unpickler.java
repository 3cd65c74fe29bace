package dev.mien.model.parameters;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the pickle of a PyTorch file, protocols 2 to 5, and cannot run anything: it knows only the
 * opcodes that PyTorch writes for tensors in containers, and only the globals of {@link
 * PickleGlobals}. Any other is an error that names it.
 *
 * <p>Containers become {@link Map} (keys are strings, whole numbers and booleans) and {@link List},
 * tensors {@link StoredTensor}, {@code None} {@link #NONE}, and NumPy scalars {@link
 * PickleGlobals#NUMPY_SCALAR}. Nothing here descends into containers, so one that contains itself,
 * even many times, costs no more than its bytes.
 */
final class Unpickler {

  /** Stands for {@code None}. */
  static final Object NONE = Kind.NONE;

  private enum Kind {
    NONE,
    MARK
  }

  /** Opcodes that would run code or make objects of other kinds; they are refused by name. */
  private static final Map<Integer, String> REFUSED =
      Map.ofEntries(
          Map.entry((int) 'i', "INST"),
          Map.entry((int) 'o', "OBJ"),
          Map.entry(0x81, "NEWOBJ"),
          Map.entry(0x92, "NEWOBJ_EX"),
          Map.entry(0x82, "EXT1"),
          Map.entry(0x83, "EXT2"),
          Map.entry(0x84, "EXT4"),
          Map.entry((int) 'P', "PERSID"),
          Map.entry(0x8B, "LONG4"),
          Map.entry(0x96, "BYTEARRAY8"),
          Map.entry(0x97, "NEXT_BUFFER"),
          Map.entry(0x98, "READONLY_BUFFER"));

  // A state of ViT-L with its optimiser takes 100,000 operations; Python writes 1000 pairs at once.
  private static final int MOST_OPERATIONS = 1_000_000;
  private static final int MOST_ON_STACK = 16_384;

  private final ByteBuffer in;
  private final ArrayList<Object> stack = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  private Unpickler(byte[] pickle) {
    this.in = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads the one object of a pickle.
   *
   * @throws IOException if the pickle is not well formed or not of this kind, saying what is wrong
   */
  static Object read(byte[] pickle) throws IOException {
    try {
      return new Unpickler(pickle).run();
    } catch (BufferUnderflowException e) {
      throw invalid("ends within an operation");
    }
  }

  private Object run() throws IOException {
    if (in.remaining() < 2 || in.get() != (byte) 0x80 || in.get(1) < 2 || in.get(1) > 5) {
      throw invalid("does not begin with a protocol from 2 to 5");
    }
    in.get();
    for (int operations = 0; operations < MOST_OPERATIONS; operations++) {
      int opcode = unsigned();
      if (opcode == '.') {
        Object result = pop();
        if (!stack.isEmpty()) {
          throw invalid("leaves %d objects behind", stack.size());
        }
        return result;
      }
      run(opcode);
    }
    throw invalid("takes more than %d operations", MOST_OPERATIONS);
  }

  private void run(int opcode) throws IOException {
    switch (opcode) {
      case 0x80 -> throw invalid("has a second protocol");
      case 0x95 -> frame();
      case '(' -> push(Kind.MARK);
      case '0' -> pop();
      case 'N' -> push(NONE);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'K' -> push((long) unsigned());
      case 'M' -> push((long) Short.toUnsignedInt(in.getShort()));
      case 'J' -> push((long) in.getInt());
      case 0x8A -> push(wholeNumber(unsigned()));
      case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
      case 0x8C -> push(text(unsigned()));
      case 'X' -> push(text(in.getInt()));
      case 0x8D -> push(text(in.getLong()));
      case 'C' -> {
        in.get(new byte[unsigned()]); // a NumPy scalar's value, from protocol 3 on
        push(PickleGlobals.NUMPY_SCALAR);
      }
      case '}' -> push(new LinkedHashMap<Object, Object>());
      case ']' -> push(new ArrayList<Object>());
      case ')' -> push(List.of());
      case 't' -> push(Collections.unmodifiableList(popToMark()));
      case 0x85 -> pushTuple(1);
      case 0x86 -> pushTuple(2);
      case 0x87 -> pushTuple(3);
      case 'a' -> append(List.of(pop()));
      case 'e' -> append(popToMark());
      case 's' -> put(popLast(2));
      case 'u' -> put(popToMark());
      case 'q' -> memo.put(unsigned(), peek());
      case 'r' -> memo.put(in.getInt(), peek());
      case 0x94 -> memo.put(memo.size(), peek());
      case 'h' -> push(remembered(unsigned()));
      case 'j' -> push(remembered(in.getInt()));
      case 'c' -> push(PickleGlobals.named(line(), line()));
      case 0x93 -> {
        List<Object> names = popLast(2);
        push(PickleGlobals.named(text(names.get(0)), text(names.get(1))));
      }
      case 'R' -> {
        List<Object> call = popLast(2);
        push(PickleGlobals.call(call.get(0), call.get(1)));
      }
      case 'b' -> build(pop());
      case 'Q' -> push(PickleGlobals.storage(pop()));
      default ->
          throw invalid(
              "uses the operation %s, which no file of tensors needs",
              REFUSED.getOrDefault(opcode, "0x%02X".formatted(opcode)));
    }
  }

  /** Skips a frame's header, which only says how far to read ahead. */
  private void frame() throws IOException {
    long length = in.getLong();
    if (length < 0 || length > in.remaining()) {
      throw invalid("has a frame of %s bytes", Long.toUnsignedString(length));
    }
  }

  private void pushTuple(int size) throws IOException {
    push(List.copyOf(popLast(size)));
  }

  private void append(List<Object> items) throws IOException {
    // tuples are lists, too, to which nothing may be added
    if (!(peek() instanceof ArrayList<?>)) {
      throw invalid("appends to %s", describe(peek()));
    }
    @SuppressWarnings("unchecked") // made here, of objects
    var list = (ArrayList<Object>) peek();
    list.addAll(items);
  }

  private void put(List<Object> keysAndValues) throws IOException {
    if (!(peek() instanceof Map<?, ?>) || keysAndValues.size() % 2 != 0) {
      throw invalid("puts %d keys and values into %s", keysAndValues.size(), describe(peek()));
    }
    @SuppressWarnings("unchecked") // made here, of objects
    var map = (Map<Object, Object>) peek();
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      Object key = keysAndValues.get(i);
      if (!(key instanceof String || key instanceof Long || key instanceof Boolean)) {
        throw invalid("has %s as a key", describe(key));
      }
      map.put(key, keysAndValues.get(i + 1));
    }
  }

  /**
   * Drops attributes that are not needed: a dictionary's, such as the versions in a module's state,
   * and the byte order of a NumPy type.
   */
  private void build(Object state) throws IOException {
    boolean attributes = peek() instanceof Map<?, ?> && state instanceof Map<?, ?>;
    boolean numpyType = peek() == PickleGlobals.NUMPY_SCALAR && state instanceof List<?>;
    if (!attributes && !numpyType) {
      throw invalid("sets the state of %s", describe(peek()));
    }
  }

  private long wholeNumber(int bytes) throws IOException {
    if (bytes > Long.BYTES) {
      throw invalid("has a whole number of %d bytes", bytes);
    }
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) unsigned() << (8 * i);
    }
    int unused = Long.SIZE - 8 * bytes;
    return bytes == 0 ? 0 : (value << unused) >> unused;
  }

  private String text(long bytes) throws IOException {
    if (bytes < 0 || bytes > in.remaining()) {
      throw invalid("has a text of %d bytes, %d before its end", bytes, in.remaining());
    }
    var utf8 = new byte[(int) bytes];
    in.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static String text(Object value) throws IOException {
    if (value instanceof String text) {
      return text;
    }
    throw invalid("names %s", describe(value));
  }

  private String line() {
    int start = in.position();
    while (in.get() != '\n') {}
    return new String(in.array(), start, in.position() - 1 - start, StandardCharsets.UTF_8);
  }

  private int unsigned() {
    return Byte.toUnsignedInt(in.get());
  }

  private Object remembered(int number) throws IOException {
    Object remembered = memo.get(number);
    if (remembered == null) {
      throw invalid("recalls object %d, which was not kept", number);
    }
    return remembered;
  }

  private void push(Object object) throws IOException {
    if (stack.size() == MOST_ON_STACK) {
      throw invalid("holds more than %d objects at once", MOST_ON_STACK);
    }
    stack.add(object);
  }

  private Object peek() throws IOException {
    if (stack.isEmpty() || stack.get(stack.size() - 1) == Kind.MARK) {
      throw invalid("takes an object where there is none");
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() throws IOException {
    Object top = peek();
    stack.remove(stack.size() - 1);
    return top;
  }

  private List<Object> popLast(int count) throws IOException {
    var popped = new Object[count];
    for (int i = count - 1; i >= 0; i--) {
      popped[i] = pop();
    }
    return Arrays.asList(popped);
  }

  private List<Object> popToMark() throws IOException {
    int mark = stack.lastIndexOf(Kind.MARK);
    if (mark < 0) {
      throw invalid("takes objects after a mark where there is none");
    }
    List<Object> tail = stack.subList(mark, stack.size());
    var popped = new ArrayList<>(tail.subList(1, tail.size()));
    tail.clear();
    return popped;
  }

  /** The kind of an object, without its content, which may contain itself. */
  static String describe(Object value) {
    if (value instanceof String) {
      return "a text";
    }
    if (value instanceof Map<?, ?>) {
      return "a dictionary";
    }
    if (value instanceof List<?>) {
      return "a list";
    }
    if (value instanceof StoredTensor) {
      return "a tensor";
    }
    if (value instanceof Long || value instanceof Double || value instanceof Boolean) {
      return "a number";
    }
    if (value == PickleGlobals.NUMPY_SCALAR) {
      return "a NumPy scalar";
    }
    return value == NONE ? "None" : "a name";
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would cost a dependency
  static IOException invalid(String format, Object... arguments) {
    return new IOException("Invalid pickle: " + format.formatted(arguments));
  }
}
