package dev.mien.spark.run;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterLayout.Parameter;
import dev.mien.model.parameters.Safetensors;
import dev.mien.model.parameters.Tensor;
import dev.mien.spark.run.Manifest.StoredFile;
import dev.mien.spark.run.Snapshot.Values;
import dev.mien.spark.storage.DamagedException;
import dev.mien.spark.storage.DurableFile;
import dev.mien.spark.storage.Reading;
import dev.mien.spark.storage.Sha256;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A safetensors file of vectors, with the hash of its bytes. */
final class StateFile {

  private static final int BUFFER = 1 << 20;

  private StateFile() {}

  /**
   * Writes vectors of one layout, parameter by parameter.
   *
   * @param vectors by the prefix of their parameters' names
   */
  static StoredFile write(
      FileSystem files,
      Path path,
      Map<String, String> metadata,
      ParameterLayout layout,
      SortedMap<String, Values> vectors)
      throws IOException {
    Map<String, List<Long>> shapes = new TreeMap<>();
    Map<String, Supplier<Tensor>> tensors = new HashMap<>();
    vectors.forEach(
        (prefix, values) -> {
          for (Parameter parameter : layout.parameters()) {
            List<Long> shape = parameter.shape().stream().map(Integer::longValue).toList();
            int offset = layout.offset(parameter.name());
            shapes.put(prefix + parameter.name(), shape);
            tensors.put(
                prefix + parameter.name(),
                () -> Tensor.of(shape, values.read(offset, parameter.size())));
          }
        });

    MessageDigest digest = Sha256.begin();
    DurableFile.write(
        files,
        path,
        file -> {
          OutputStream out = new BufferedOutputStream(new DigestOutputStream(file, digest), BUFFER);
          Safetensors.write(out, metadata, shapes, name -> tensors.get(name).get());
          out.flush();
        });
    return new StoredFile(files.getFileStatus(path).getLen(), Sha256.hex(digest));
  }

  /**
   * Reads a file.
   *
   * @throws DamagedException when it is not the file that was written
   * @throws IOException when it cannot be read
   */
  static Map<String, Tensor> read(FileSystem files, Path path, StoredFile expected)
      throws IOException {
    return checked(
        files,
        path,
        expected,
        () -> {
          Map<String, Tensor> tensors = new HashMap<>();
          readOnce(files, path, expected, name -> true, tensors::put);
          return tensors;
        });
  }

  /**
   * Reads a file and hands over its wanted tensors one after another. After a failed read tensors
   * may be handed over twice; they are those of the written file only once this returns.
   *
   * @throws IOException as {@link #read} does
   */
  static void forEach(
      FileSystem files,
      Path path,
      StoredFile expected,
      Predicate<String> wanted,
      BiConsumer<String, Tensor> taker)
      throws IOException {
    checked(
        files,
        path,
        expected,
        () -> {
          readOnce(files, path, expected, wanted, taker);
          return null;
        });
  }

  private static <T> T checked(FileSystem files, Path path, StoredFile expected, Reading<T> reading)
      throws IOException {
    try {
      return reading.run();
    } catch (IOException e) {
      // The file is damaged, or was only misread this time: its hash tells.
      require(files, path, expected);
    }
    try {
      return reading.run();
    } catch (DamagedException e) {
      throw new IOException(e.getMessage() + ", which it had just now", e);
    }
  }

  private static void readOnce(
      FileSystem files,
      Path path,
      StoredFile expected,
      Predicate<String> wanted,
      BiConsumer<String, Tensor> taker)
      throws IOException {
    String sha256 =
        Reading.read(
            path,
            () -> {
              MessageDigest digest = Sha256.begin();
              try (InputStream in =
                  new BufferedInputStream(
                      new DigestInputStream(open(files, path), digest), BUFFER)) {
                Safetensors.forEach(in, wanted, taker);
              } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new IOException(
                    path + " has other tensors than expected: " + e.getMessage(), e);
              }
              return Sha256.hex(digest);
            });
    require(path, expected, sha256);
  }

  /**
   * Reads a file to verify its hash.
   *
   * @throws DamagedException when it is not the file that was written
   * @throws IOException when it cannot be read
   */
  static void verify(FileSystem files, Path path, StoredFile expected) throws IOException {
    try {
      require(files, path, expected);
    } catch (DamagedException | ChecksumException e) {
      require(files, path, expected); // looks twice, since damaged checkpoints are deleted
    }
  }

  private static void require(FileSystem files, Path path, StoredFile expected) throws IOException {
    require(path, expected, Reading.read(path, () -> sha256(files, path)));
  }

  private static String sha256(FileSystem files, Path path) throws IOException {
    MessageDigest digest = Sha256.begin();
    try (InputStream in = new DigestInputStream(open(files, path), digest)) {
      byte[] buffer = new byte[BUFFER];
      while (in.read(buffer) >= 0) {}
    }
    return Sha256.hex(digest);
  }

  /**
   * Opens a file. Local file systems say that a file is not found when it only may not be opened.
   */
  private static InputStream open(FileSystem files, Path path) throws IOException {
    try {
      return files.open(path);
    } catch (FileNotFoundException e) {
      if (files.exists(path)) {
        throw e;
      }
      throw new DamagedException(path + " is missing", e);
    }
  }

  private static void require(Path path, StoredFile expected, String found)
      throws DamagedException {
    if (!found.equals(expected.sha256())) {
      throw new DamagedException(
          path + " has sha256 " + found + " (its manifest says " + expected.sha256() + ")");
    }
  }
}
