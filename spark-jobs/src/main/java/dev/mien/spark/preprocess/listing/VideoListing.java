package dev.mien.spark.preprocess.listing;

import dev.mien.spark.progress.FirstLine;
import dev.mien.spark.storage.Globs;
import dev.mien.spark.storage.LocalPaths;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.security.AccessControlException;

/**
 * Finds the videos under folders or globs of any Hadoop file system. A tree is listed by threads of
 * the driver, a branch each: a listing waits for its file system and costs no processor, and a
 * Spark job would only carry the names back. Below a branch, s3a lists a thousand files a request
 * whatever the folders.
 */
final class VideoListing {

  /** A folder at the root of a disk that its owner alone may list. */
  private static final String FOUND_BY_FSCK = "lost+found";

  private static final int THREADS = 32;

  /** Folders are opened until there are so many branches, in which the threads find their share. */
  private static final int BRANCHES = 4 * THREADS;

  private final Configuration hadoop;
  private final ExecutorService threads;
  private final SortedMap<String, String> unlisted = new ConcurrentSkipListMap<>();

  private VideoListing(Configuration hadoop, ExecutorService threads) {
    this.hadoop = hadoop;
    this.threads = threads;
  }

  /**
   * Lists every file with the extension of a video, once, by URI, and counts the others.
   *
   * <p>Files and folders whose names begin with {@code .} are left out, unless an input names them:
   * they are bins, caches and halves of copies. So are {@code lost+found}, and a link to a local
   * folder that is below the input anyway. Names with {@code _}, which Spark leaves out, are
   * listed: a YouTube id may begin with it. A folder below an input that may not be listed is named
   * in the result, and one that goes away meanwhile is not.
   *
   * @throws FileNotFoundException when nothing is at one of the inputs
   * @throws IllegalArgumentException when there is no video at some of the inputs: a file system
   *     that is not mounted is an empty folder
   */
  static FoundVideos list(Configuration hadoop, List<String> inputs) throws IOException {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      VideoListing listing = new VideoListing(hadoop, threads);
      Set<VideoSource> videos = new TreeSet<>(Comparator.comparing(VideoSource::uri));
      FoundFiles all = new FoundFiles();
      Map<String, List<FileStatus>> roots = new LinkedHashMap<>();
      for (String input : inputs) {
        roots.put(input, listing.roots(input));
      }
      List<String> missing =
          inputs.stream().filter(input -> roots.get(input).isEmpty()).distinct().toList();
      if (!missing.isEmpty()) {
        throw new FileNotFoundException(
            "Nothing at --input %s (must be a folder, a file or a glob)"
                .formatted(String.join(", ", missing)));
      }
      List<String> empty = new ArrayList<>();
      for (String input : roots.keySet()) {
        FoundFiles found = listing.list(input, roots.get(input));
        all.add(found);
        if (found.videos().isEmpty()) {
          empty.add(input);
        }
      }
      if (!empty.isEmpty()) {
        throw new IllegalArgumentException(
            "No video at --input %s (names must end in one of %s, or be in a --list)%s%s"
                .formatted(
                    String.join(", ", empty),
                    FoundFiles.EXTENSIONS,
                    all.instead(),
                    listing.problems()));
      }
      videos.addAll(all.videos());
      return new FoundVideos(List.copyOf(videos), listing.unlisted, all.commonest());
    } finally {
      threads.shutdownNow();
    }
  }

  private String problems() {
    return unlisted.entrySet().stream()
        .map(folder -> "; cannot list " + folder.getKey() + ": " + folder.getValue())
        .collect(Collectors.joining());
  }

  private List<FileStatus> roots(String input) throws IOException {
    Path path = new Path(input);
    return Stream.of(Globs.matches(path.getFileSystem(hadoop), path))
        .filter(root -> isHidden(path.getName()) || !isHidden(root.getPath().getName()))
        .toList();
  }

  private FoundFiles list(String input, List<FileStatus> roots) throws IOException {
    FileSystem files = new Path(input).getFileSystem(hadoop);
    FoundFiles found = new FoundFiles();
    roots.stream().filter(FileStatus::isFile).forEach(found::add);
    List<FileStatus> branches = roots.stream().filter(FileStatus::isDirectory).toList();
    for (FileStatus branch : branches) {
      LocalNames.requireReadable(branch);
    }
    LinkedFolders links = LinkedFolders.among(branches);
    // What an input names must be there; what is below may go away or be nobody's business.
    Listing<List<FileStatus>> listing = root -> List.of(files.listStatus(root.getPath()));
    do {
      List<FileStatus> below = new ArrayList<>();
      for (List<FileStatus> children : inParallel(branches, listing)) {
        for (FileStatus child : children) {
          if (isPassedOver(child, links)) {
            continue;
          }
          if (child.isDirectory()) {
            below.add(child);
          } else {
            found.add(child);
          }
        }
      }
      branches = below;
      listing = branch -> children(files, branch);
    } while (!branches.isEmpty() && branches.size() < BRANCHES);
    inParallel(branches, branch -> filesBelow(files, branch, links)).forEach(found::add);
    return found;
  }

  private FoundFiles filesBelow(FileSystem files, FileStatus branch, LinkedFolders links)
      throws IOException {
    if (!LocalPaths.isLocal(branch.getPath())) {
      try {
        return filesBelow(files, branch);
      } catch (IOException e) {
        // One folder, perhaps a hidden one, keeps all from being listed at once: which one is found
        // folder by folder.
      }
    }
    FoundFiles found = new FoundFiles();
    addFilesBelow(files, branch, links, found);
    return found;
  }

  private static FoundFiles filesBelow(FileSystem files, FileStatus branch) throws IOException {
    FoundFiles found = new FoundFiles();
    RemoteIterator<LocatedFileStatus> below = files.listFiles(branch.getPath(), true);
    while (below.hasNext()) {
      FileStatus file = below.next();
      if (!isHiddenBelow(branch.getPath(), file.getPath())) {
        found.add(file);
      }
    }
    return found;
  }

  /**
   * Adds the files below a folder, folder by folder. Local ones are listed this way too, since
   * {@code listFiles} starts a process for each file, to ask whose it is.
   */
  private void addFilesBelow(
      FileSystem files, FileStatus folder, LinkedFolders links, FoundFiles found)
      throws IOException {
    for (FileStatus child : children(files, folder)) {
      if (isPassedOver(child, links)) {
        continue;
      }
      if (child.isDirectory()) {
        addFilesBelow(files, child, links, found);
      } else {
        found.add(child);
      }
    }
  }

  private List<FileStatus> children(FileSystem files, FileStatus folder) throws IOException {
    try {
      return List.of(files.listStatus(folder.getPath()));
    } catch (IOException e) {
      note(folder, e);
      return List.of();
    }
  }

  private boolean isPassedOver(FileStatus child, LinkedFolders links) throws IOException {
    try {
      return isHidden(child.getPath().getName()) || links.isListedAnyway(child);
    } catch (IOException e) {
      note(child, e);
      return true;
    }
  }

  /**
   * Notes that a folder may not be listed, unless it went away meanwhile.
   *
   * @throws IOException the problem, when a store does not answer
   */
  private void note(FileStatus folder, IOException problem) throws IOException {
    if (problem instanceof FileNotFoundException || problem instanceof NoSuchFileException) {
      return;
    }
    boolean isForbidden =
        problem instanceof AccessControlException || problem instanceof AccessDeniedException;
    if (!isForbidden && !LocalPaths.isLocal(folder.getPath())) {
      throw problem;
    }
    unlisted.put(folder.getPath() + "/", FirstLine.of(problem));
  }

  private static boolean isHiddenBelow(Path branch, Path file) {
    Path path = file;
    while (path.depth() > branch.depth() && !isHidden(path.getName())) {
      path = path.getParent();
    }
    return path.depth() > branch.depth();
  }

  private static boolean isHidden(String name) {
    return name.startsWith(".") || name.equals(FOUND_BY_FSCK);
  }

  private interface Listing<T> {
    T of(FileStatus branch) throws IOException;
  }

  /** Lists branches by all threads, and returns the results in the order of the branches. */
  private <T> List<T> inParallel(List<FileStatus> branches, Listing<T> listing) throws IOException {
    List<Callable<T>> tasks = new ArrayList<>();
    branches.forEach(branch -> tasks.add(() -> listing.of(branch)));
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> result : threads.invokeAll(tasks)) {
        results.add(result.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new IOException("Cannot list the input: " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while the input was listed", e);
    }
  }
}
