package dev.mien.model.parameters;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The header of a safetensors file, checked: its entries cover the data without gap or overlap. */
record SafetensorsHeader(SortedMap<String, String> metadata, List<Entry> entries) {

  /** A tensor. */
  record Entry(String name, Tensor.Type type, List<Long> shape, long begin, int bytes) {}

  private static final String METADATA = "__metadata__";

  /** The header's text for entries in the order of their data. */
  static String encode(Map<String, String> metadata, List<Entry> order) {
    var members = new TreeMap<String, JsonObject>();
    long offset = 0;
    for (Entry entry : order) {
      if (entry.name().equals(METADATA)) {
        throw new IllegalArgumentException("Invalid tensor name: " + METADATA + " (is reserved)");
      }
      var shape = new JsonArray();
      entry.shape().forEach(shape::add);
      var offsets = new JsonArray();
      offsets.add(offset);
      offset += entry.bytes();
      offsets.add(offset);
      var member = new JsonObject();
      member.addProperty("dtype", entry.type().name());
      member.add("shape", shape);
      member.add("data_offsets", offsets);
      members.put(entry.name(), member);
    }
    var header = new JsonObject();
    if (!metadata.isEmpty()) {
      var member = new JsonObject();
      new TreeMap<>(metadata).forEach((key, value) -> member.add(key, new JsonPrimitive(value)));
      header.add(METADATA, member);
    }
    members.forEach(header::add);
    return header.toString();
  }

  static SafetensorsHeader decode(String json) throws IOException {
    var metadata = new TreeMap<String, String>();
    var entries = new TreeMap<String, Entry>();
    boolean hasMetadata = false;
    try (var reader = new JsonReader(new StringReader(json))) {
      reader.setStrictness(Strictness.STRICT);
      reader.beginObject();
      while (reader.hasNext()) {
        String name = readName(reader);
        if (name.equals(METADATA)) {
          if (hasMetadata) {
            throw invalid("%s occurs twice", METADATA);
          }
          hasMetadata = true;
          readMetadata(reader, metadata);
        } else if (entries.put(name, readEntry(reader, name)) != null) {
          throw invalid("tensor %s occurs twice", name);
        }
      }
      reader.endObject();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw invalid("text follows the header's object");
      }
    } catch (MalformedJsonException
        | EOFException
        | IllegalStateException
        | NumberFormatException e) {
      // Gson quotes the text that it could not read
      throw new IOException(
          "Invalid safetensors header: " + Tensor.shown(String.valueOf(e.getMessage())), e);
    }
    return new SafetensorsHeader(metadata, inOrder(entries));
  }

  private static String readName(JsonReader reader) throws IOException {
    String name = reader.nextName();
    if (name.length() > Tensor.LONGEST_NAME) {
      throw invalid("a name of %d characters (at most %d)", name.length(), Tensor.LONGEST_NAME);
    }
    return name;
  }

  private static void readMetadata(JsonReader reader, Map<String, String> metadata)
      throws IOException {
    reader.beginObject();
    while (reader.hasNext()) {
      String key = readName(reader);
      if (reader.peek() != JsonToken.STRING) {
        throw invalid("metadata %s is not a string", key);
      }
      if (metadata.put(key, reader.nextString()) != null) {
        throw invalid("metadata %s occurs twice", key);
      }
    }
    reader.endObject();
  }

  private static Entry readEntry(JsonReader reader, String name) throws IOException {
    String type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    var members = new HashSet<String>();
    reader.beginObject();
    while (reader.hasNext()) {
      String key = readName(reader);
      if (!members.add(key)) {
        throw invalid("tensor %s has two members %s", name, key);
      }
      switch (key) {
        case "dtype" -> type = reader.nextString();
        case "shape" -> shape = readLengths(reader, name);
        case "data_offsets" -> offsets = readLengths(reader, name);
        default -> throw invalid("tensor %s has an unknown member %s", name, key);
      }
    }
    reader.endObject();
    if (type == null || shape == null || offsets == null || offsets.size() != 2) {
      throw invalid("tensor %s needs dtype, shape and two data_offsets", name);
    }
    return entry(name, type, shape, offsets.get(0), offsets.get(1));
  }

  private static Entry entry(String name, String typeName, List<Long> shape, long begin, long end)
      throws IOException {
    Tensor.Type type =
        Arrays.stream(Tensor.Type.values())
            .filter(known -> known.name().equals(typeName))
            .findFirst()
            .orElseThrow(
                () ->
                    invalid(
                        "tensor %s is of dtype %s (must be one of %s)",
                        name, typeName, List.of(Tensor.Type.values())));
    long bytes;
    try {
      bytes = Tensor.bytes(type, shape);
    } catch (ArithmeticException e) {
      throw invalid("tensor %s of shape %s is too large", name, shape);
    }
    if (end < begin || end - begin != bytes) {
      throw invalid(
          "tensor %s at [%d,%d) (%s of shape %s takes %d bytes)",
          name, begin, end, type, shape, bytes);
    }
    if (bytes > Integer.MAX_VALUE - 8) {
      throw invalid("tensor %s of %d bytes is too large for one array", name, bytes);
    }
    return new Entry(name, type, shape, begin, (int) bytes);
  }

  private static List<Long> readLengths(JsonReader reader, String name) throws IOException {
    var lengths = new ArrayList<Long>();
    reader.beginArray();
    while (reader.hasNext()) {
      if (lengths.size() == Tensor.MOST_DIMENSIONS) {
        throw invalid("tensor %s has a list of more than %d numbers", name, lengths.size());
      }
      long length = reader.nextLong();
      if (length < 0) {
        throw invalid("tensor %s has a negative number %d", name, length);
      }
      lengths.add(length);
    }
    reader.endArray();
    return lengths;
  }

  private static List<Entry> inOrder(Map<String, Entry> entries) throws IOException {
    List<Entry> order =
        entries.values().stream()
            .sorted(Comparator.comparingLong(Entry::begin).thenComparingInt(Entry::bytes))
            .toList();
    long expected = 0;
    for (Entry entry : order) {
      if (entry.begin() != expected) {
        throw invalid(
            "tensor %s begins at %d, the one before it ends at %d",
            entry.name(), entry.begin(), expected);
      }
      expected += entry.bytes();
    }
    return order;
  }

  /** Makes an exception; texts among the arguments come from the file. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would cost a dependency
  private static IOException invalid(String format, Object... arguments) {
    return new IOException(
        "Invalid safetensors header: " + format.formatted(Tensor.shown(arguments)));
  }
}
