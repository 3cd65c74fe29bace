package dev.mien.spark.session;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Serialises a record's components in order and deserialises through its constructor, which checks
 * them again; Kryo's field serializer cannot set the fields of a record. Lists and maps arrive as
 * array lists and hash maps.
 */
final class RecordSerializer<R extends Record> extends Serializer<R> {

  private final Constructor<R> constructor;
  private final Method[] accessors;

  RecordSerializer(Class<R> type) {
    RecordComponent[] components = type.getRecordComponents();
    this.accessors =
        Arrays.stream(components).map(RecordComponent::getAccessor).toArray(Method[]::new);
    try {
      this.constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(type + " has no canonical constructor", e);
    }
    this.constructor.setAccessible(true);
    Arrays.stream(accessors).forEach(accessor -> accessor.setAccessible(true));
    setImmutable(true);
  }

  @Override
  public void write(Kryo kryo, Output output, R value) {
    try {
      for (Method accessor : accessors) {
        kryo.writeClassAndObject(output, travelling(accessor.invoke(value)));
      }
    } catch (ReflectiveOperationException e) {
      throw new KryoException("Cannot write " + value.getClass(), e);
    }
  }

  private static Object travelling(Object component) {
    if (component instanceof List<?> list) {
      return new ArrayList<>(list);
    }
    return component instanceof Map<?, ?> map ? new HashMap<>(map) : component;
  }

  @Override
  public R read(Kryo kryo, Input input, Class<R> type) {
    Object[] components = new Object[accessors.length];
    for (int i = 0; i < components.length; i++) {
      components[i] = kryo.readClassAndObject(input);
    }

    try {
      return constructor.newInstance(components);
    } catch (ReflectiveOperationException e) {
      throw new KryoException("Cannot read " + type, e);
    }
  }
}
