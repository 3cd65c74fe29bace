package dev.mien.spark.isolate;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Records as bytes, by their declared types alone: no byte names a class, so whatever the bytes
 * are, reading them makes nothing but the records of that declaration, and no larger than the bytes
 * themselves. It serves two processes of one build and has no version.
 *
 * <ul>
 *   <li>int, long, float, double: big-endian; boolean: one byte
 *   <li>record: its components in order
 *   <li>sealed interface: one byte, the place of the record's type among those permitted; the
 *       record
 *   <li>enum: its ordinal as a byte
 *   <li>text and path: length in bytes as an int; UTF-8
 *   <li>array of numbers, list: number of elements as an int; the elements
 *   <li>map: number of entries as an int; the key and the value of each
 *   <li>a component that is not primitive comes after one byte: 0 for null, 1 otherwise
 * </ul>
 */
final class RecordFormat<T> {

  private final Class<T> type;
  private final Codec<?> codec;

  private RecordFormat(Class<T> type, Codec<?> codec) {
    this.type = type;
    this.codec = codec;
  }

  /**
   * The format of a record, or of the records that a sealed interface permits.
   *
   * @throws IllegalArgumentException naming a component whose type has no place in the format
   */
  static <T> RecordFormat<T> of(Class<T> type) {
    return new RecordFormat<>(type, codec(type));
  }

  void write(T value, DataOutputStream out) throws IOException {
    codec.writeObject(value, out);
  }

  /**
   * How many bytes {@link #write} would write; {@link Integer#MAX_VALUE} when they are more than an
   * int holds.
   */
  int length(T value) throws IOException {
    DataOutputStream counted = new DataOutputStream(OutputStream.nullOutputStream());
    write(value, counted);
    return counted.size();
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException when the bytes are anything else
   */
  T read(byte[] bytes) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      T value = type.cast(codec.read(in));
      if (in.hasRemaining()) {
        throw new IOException(in.remaining() + " bytes after a " + type.getSimpleName());
      }
      return value;
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("Not the bytes of a " + type.getSimpleName(), e);
    }
  }

  private static Codec<?> codec(Type type) {
    if (type instanceof ParameterizedType many) {
      Type[] elements = many.getActualTypeArguments();
      if (many.getRawType() == List.class) {
        return list(codec(elements[0]));
      }
      if (many.getRawType() == Map.class) {
        return map(codec(elements[0]), codec(elements[1]));
      }
    }
    if (type instanceof Class<?> plain) {
      if (Codec.PLAIN.containsKey(plain)) {
        return Codec.PLAIN.get(plain);
      }
      if (Codec.BOXED.containsKey(plain)) {
        return Codec.PLAIN.get(Codec.BOXED.get(plain));
      }
      if (plain.isEnum()) {
        return oneOf(List.of(plain.getEnumConstants()));
      }
      if (plain.isRecord()) {
        return record(plain);
      }
      if (plain.isSealed()) {
        return permitted(List.of(plain.getPermittedSubclasses()));
      }
    }
    throw new IllegalArgumentException("No format for " + type.getTypeName());
  }

  private static Codec<Object> record(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    List<Method> accessors = new ArrayList<>();
    List<Codec<?>> codecs = new ArrayList<>();
    for (RecordComponent component : components) {
      component.getAccessor().setAccessible(true);
      accessors.add(component.getAccessor());
      Codec<?> codec = codec(component.getGenericType());
      codecs.add(component.getType().isPrimitive() ? codec : codec.orNull());
    }
    Constructor<?> constructor = constructor(type, components);

    return new Codec<>(
        (value, out) -> {
          for (int i = 0; i < components.length; i++) {
            codecs.get(i).writeObject(component(value, accessors.get(i)), out);
          }
        },
        in -> {
          Object[] values = new Object[components.length];
          for (int i = 0; i < values.length; i++) {
            values[i] = codecs.get(i).read(in);
          }
          return construct(constructor, values);
        });
  }

  private static Codec<Object> permitted(List<Class<?>> types) {
    List<? extends Codec<?>> codecs = types.stream().map(RecordFormat::codec).toList();
    return new Codec<>(
        (value, out) -> {
          int place = types.indexOf(value.getClass());
          out.writeByte(place);
          codecs.get(place).writeObject(value, out);
        },
        in -> among(codecs, in.get()).read(in));
  }

  private static Codec<Object> oneOf(List<?> constants) {
    return new Codec<>(
        (value, out) -> out.writeByte(constants.indexOf(value)), in -> among(constants, in.get()));
  }

  private static Codec<List<?>> list(Codec<?> element) {
    return new Codec<>(
        (values, out) -> {
          out.writeInt(values.size());
          for (Object value : values) {
            element.writeObject(value, out);
          }
        },
        in -> {
          int count = Codec.readCount(in, 1);
          List<Object> values = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            values.add(element.read(in));
          }
          return values;
        });
  }

  private static Codec<Map<?, ?>> map(Codec<?> key, Codec<?> value) {
    return new Codec<>(
        (values, out) -> {
          out.writeInt(values.size());
          for (Map.Entry<?, ?> entry : values.entrySet()) {
            key.writeObject(entry.getKey(), out);
            value.writeObject(entry.getValue(), out);
          }
        },
        in -> {
          int count = Codec.readCount(in, 2);
          Map<Object, Object> values = new LinkedHashMap<>();
          for (int i = 0; i < count; i++) {
            values.put(key.read(in), value.read(in));
          }
          return values;
        });
  }

  private static <V> V among(List<V> choices, byte place) throws IOException {
    if (place < 0 || place >= choices.size()) {
      throw new IOException("Invalid choice: " + place + " (of " + choices.size() + ")");
    }
    return choices.get(place);
  }

  private static Constructor<?> constructor(Class<?> type, RecordComponent[] components) {
    try {
      Constructor<?> constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      constructor.setAccessible(true);
      return constructor;
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(type + " has no canonical constructor", e);
    }
  }

  private static Object component(Object value, Method accessor) throws IOException {
    try {
      return accessor.invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IOException("Cannot write " + value.getClass(), e);
    }
  }

  private static Object construct(Constructor<?> constructor, Object[] values) throws IOException {
    try {
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IOException("Cannot make a " + constructor.getDeclaringClass().getName(), e);
    }
  }
}
