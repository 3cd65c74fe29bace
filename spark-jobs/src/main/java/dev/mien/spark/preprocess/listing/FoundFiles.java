package dev.mien.spark.preprocess.listing;

import static java.util.Collections.reverseOrder;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;

/** The files at some place: videos, and how many others, by extension. */
record FoundFiles(List<VideoSource> videos, SortedMap<String, Long> others) {

  /**
   * Extensions of the containers that preprocessing accepts, without those that hold sound alone.
   */
  static final SortedSet<String> EXTENSIONS =
      new TreeSet<>(
          Set.of(
              "mp4", "m4v", "mov", "qt", "3gp", "3g2", "mj2", "mkv", "webm", "avi", "ts", "mts",
              "m2ts", "mpg", "mpeg", "vob", "flv", "f4v", "wmv", "asf", "ogv", "ogg"));

  /** The form of an extension. What follows the last dot of a sentence or a number is none. */
  private static final Pattern SHORT = Pattern.compile("[a-z][a-z0-9]{0,7}");

  private static final String NONE = "no extension";

  /** How many extensions are told apart: numbered parts of downloads have one each. */
  private static final int MOST_EXTENSIONS = 10;

  FoundFiles() {
    this(new ArrayList<>(), new TreeMap<>());
  }

  void add(FileStatus file) {
    String extension = extension(file.getPath().getName());
    if (EXTENSIONS.contains(extension)) {
      videos.add(
          new VideoSource(file.getPath().toString(), file.getLen(), file.getModificationTime()));
    } else {
      others.merge(SHORT.matcher(extension).matches() ? "." + extension : NONE, 1L, Long::sum);
    }
  }

  void add(FoundFiles more) {
    videos.addAll(more.videos);
    more.others.forEach((extension, count) -> others.merge(extension, count, Long::sum));
  }

  /** How many other files have each of the commonest extensions, and how many have any other. */
  SortedMap<String, Long> commonest() {
    SortedMap<String, Long> commonest = new TreeMap<>();
    List<Map.Entry<String, Long>> byCount =
        others.entrySet().stream().sorted(Map.Entry.comparingByValue(reverseOrder())).toList();
    for (int i = 0; i < byCount.size(); i++) {
      String extension = i < MOST_EXTENSIONS ? byCount.get(i).getKey() : "other extensions";
      commonest.merge(extension, byCount.get(i).getValue(), Long::sum);
    }
    return commonest;
  }

  /** Says for a message what there is in place of videos. */
  String instead() {
    return others.isEmpty() ? "" : "; files there by extension: " + commonest();
  }

  /** The extension of a name in lower case; empty where there is none. */
  private static String extension(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
  }
}
