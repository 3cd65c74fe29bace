package dev.mien.spark.preprocess;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** Finds the videos under a folder or a glob of any Hadoop file system. */
final class VideoListing {

  private static final Set<String> EXTENSIONS =
      Set.of(
          "mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "wmv", "flv", "3gp",
          "ogv");

  private VideoListing() {}

  /**
   * Every file with the extension of a video, by URI; names that begin with {@code _} or {@code .}
   * are left out, as Spark leaves them out.
   *
   * @throws FileNotFoundException when nothing is at the input
   */
  static List<VideoSource> list(Configuration hadoop, String input) throws IOException {
    Path path = new Path(input);
    FileSystem files = path.getFileSystem(hadoop);
    FileStatus[] roots = files.globStatus(path);
    if (roots == null || roots.length == 0) {
      throw new FileNotFoundException(
          "Nothing at --input " + input + " (must be a folder, a file or a glob)");
    }

    List<VideoSource> videos = new ArrayList<>();
    for (FileStatus root : roots) {
      RemoteIterator<LocatedFileStatus> below = files.listFiles(root.getPath(), true);
      while (below.hasNext()) {
        FileStatus file = below.next();
        if (isVideo(file.getPath().getName())) {
          videos.add(
              new VideoSource(
                  file.getPath().toString(), file.getLen(), file.getModificationTime()));
        }
      }
    }

    videos.sort(Comparator.comparing(VideoSource::uri));
    return videos;
  }

  private static boolean isVideo(String name) {
    String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return !name.startsWith("_") && !name.startsWith(".") && EXTENSIONS.contains(extension);
  }
}
