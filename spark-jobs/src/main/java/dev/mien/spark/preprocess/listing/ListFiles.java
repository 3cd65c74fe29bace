package dev.mien.spark.preprocess.listing;

import dev.mien.spark.storage.Globs;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The files that {@code --list} names. A file is a list, and so is a folder as Spark writes one: of
 * Parquet files, or with a name that ends in {@code .csv}. Any other folder of CSV files is a
 * folder of lists.
 *
 * @param byFolder the lists, by the folder that their relative rows start from
 */
record ListFiles(Format format, SortedMap<Path, List<Path>> byFolder) {

  enum Format {
    CSV("\\.csv(\\.(gz|bz2|deflate|lz4|snappy|zst))?"),
    PARQUET("\\.parquet");

    private final Pattern end;

    Format(String end) {
      this.end = Pattern.compile(end + "$", Pattern.CASE_INSENSITIVE);
    }

    private boolean isOf(Path file) {
      return end.matcher(file.getName()).find();
    }
  }

  /**
   * Looks for a list, and tells by the names of its files how they are written.
   *
   * @param list a file, a folder or a glob of them
   * @throws FileNotFoundException when no file is there
   * @throws IllegalArgumentException when files are of no format, or of two
   */
  static ListFiles find(Configuration hadoop, String list) throws IOException {
    Path path = new Path(list);
    FileSystem files = path.getFileSystem(hadoop);
    Map<Path, List<Path>> byRoot = new TreeMap<>();
    for (FileStatus root : Globs.matches(files, path)) {
      byRoot.put(
          root.getPath(), root.isFile() ? List.of(root.getPath()) : below(files, root.getPath()));
    }
    List<Path> all = byRoot.values().stream().flatMap(List::stream).toList();
    if (all.isEmpty()) {
      throw new FileNotFoundException(
          "Nothing at --list %s (must be a CSV or Parquet file, a folder or a glob of them)"
              .formatted(list));
    }

    Format format = format(list, all);
    SortedMap<Path, List<Path>> byFolder = new TreeMap<>();
    byRoot.forEach(
        (root, inRoot) -> {
          boolean isOne = format == Format.PARQUET || format.isOf(root);
          for (Path one : isOne ? List.of(root) : inRoot) {
            byFolder.computeIfAbsent(one.getParent(), folder -> new ArrayList<>()).add(one);
          }
        });
    return new ListFiles(format, byFolder);
  }

  private static Format format(String list, List<Path> files) {
    Map<Format, Path> first = new EnumMap<>(Format.class);
    for (Path file : files) {
      Format format =
          Arrays.stream(Format.values())
              .filter(one -> one.isOf(file))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "Cannot tell how a file of --list %s is written: %s (must end in .csv, .csv.gz or .parquet)"
                              .formatted(list, file)));
      first.putIfAbsent(format, file);
    }
    if (first.size() > 1) {
      throw new IllegalArgumentException(
          "Both CSV and Parquet at --list %s: %s and %s (name them by a --list each)"
              .formatted(list, first.get(Format.CSV), first.get(Format.PARQUET)));
    }
    return first.keySet().iterator().next();
  }

  /**
   * The files below a folder that Spark reads as one table: its marks, and folders that are no
   * partitions, are passed over.
   */
  private static List<Path> below(FileSystem files, Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    for (FileStatus child : files.listStatus(folder)) {
      Path path = child.getPath();
      if (isHidden(path.getName())) {
        continue;
      }
      if (child.isFile()) {
        found.add(path);
      } else if (path.getName().contains("=")) {
        found.addAll(below(files, path));
      }
    }
    return found;
  }

  private static boolean isHidden(String name) {
    return name.startsWith(".") || (name.startsWith("_") && !name.contains("="));
  }
}
