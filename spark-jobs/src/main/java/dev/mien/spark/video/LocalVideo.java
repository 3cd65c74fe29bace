package dev.mien.spark.video;

import dev.mien.spark.storage.LocalDisk;
import dev.mien.spark.storage.LocalFolders;
import dev.mien.spark.storage.LocalPaths;
import dev.mien.spark.storage.Sha256;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.functional.FutureIO;

/**
 * A video as a file of this machine, for FFmpeg to read, with the sha256 of its bytes. A remote
 * video is copied, and {@link #close} deletes the copy.
 */
public record LocalVideo(Path file, String contentHash, Path copy) implements AutoCloseable {

  private static final int ID_DIGITS = 16;
  private static final double GIB = 1L << 30;
  private static final Pattern EXTENSION = Pattern.compile("\\.[A-Za-z0-9]{1,8}$");

  private static final FileAttribute<?> OWN =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /**
   * The beginning of the ids of its tracks and clips: the same bytes have the same ids anywhere.
   */
  public String videoId() {
    return contentHash.substring(0, ID_DIGITS);
  }

  /**
   * Reads every byte of a video.
   *
   * @param source URI, or a path in the default file system
   * @param folder for a copy
   * @throws UnreadableVideoException when its file system does not deliver the bytes, or the
   *     folder's disk is too small for a copy
   * @throws UncheckedIOException when the copy cannot be written, as when the disk is full
   */
  public static LocalVideo fetch(String source, Configuration hadoop, Path folder)
      throws UnreadableVideoException {
    try {
      return read(source, hadoop, folder);
    } catch (UnreadableVideoException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) { // no such file, or no such URI
      throw new UnreadableVideoException(e);
    }
  }

  /**
   * The sha256 of a video's bytes in hex.
   *
   * @throws UnreadableVideoException when its file system does not deliver the bytes
   */
  public static String contentHash(String source, Configuration hadoop)
      throws UnreadableVideoException {
    MessageDigest digest = Sha256.begin();
    try (InputStream in = new DigestInputStream(Source.of(source, hadoop).open(), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
      return Sha256.hex(digest);
    } catch (IOException | IllegalArgumentException e) {
      throw new UnreadableVideoException(e);
    }
  }

  private static LocalVideo read(String source, Configuration hadoop, Path folder)
      throws IOException {
    Source video = Source.of(source, hadoop);
    MessageDigest digest = Sha256.begin();
    if (video.isLocal()) {
      try (InputStream in = new DigestInputStream(video.open(), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
        return new LocalVideo(video.file(), Sha256.hex(digest), null);
      }
    }

    Path copy = folder.resolve("video" + extension(video.path().getName()));
    FileStatus status = video.files().getFileStatus(video.path());
    requireRoom(video, status.getLen(), copy);
    try (InputStream in = new DigestInputStream(video.open(status), digest);
        OutputStream out = new Copy(video, copy)) {
      in.transferTo(out);
    } catch (IOException | UncheckedIOException e) {
      Files.deleteIfExists(copy);
      throw e;
    }
    return new LocalVideo(copy, Sha256.hex(digest), copy);
  }

  /** Checks that a copy is not larger than its share of the disk. */
  private static void requireRoom(Source video, long length, Path copy)
      throws UnreadableVideoException {
    long share = share(video, copy);
    if (length > share) {
      throw new UnreadableVideoException(
          String.format(
              Locale.ROOT,
              "%s: %.1f GiB (at most %.1f GiB, a quarter of the disk of %s; give a larger one by %s)",
              UnreadableVideoException.TOO_LARGE,
              length / GIB,
              share / GIB,
              copy.getParent(),
              LocalFolders.SETTINGS));
    }
  }

  private static long share(Source video, Path copy) {
    try {
      return LocalDisk.share(copy.getParent());
    } catch (IOException e) {
      throw cannotCopy(video, copy, e);
    }
  }

  private static UncheckedIOException cannotCopy(Source video, Path copy, IOException cause) {
    return new UncheckedIOException(
        "Cannot write a copy of %s to %s: %s (free some of the disk, or give a larger one by %s)"
            .formatted(video.path(), copy, cause.getMessage(), LocalFolders.SETTINGS),
        cause);
  }

  /** The file that has a video's bytes. */
  private record Source(FileSystem files, org.apache.hadoop.fs.Path path) {

    private static Source of(String source, Configuration hadoop) throws IOException {
      org.apache.hadoop.fs.Path named = new org.apache.hadoop.fs.Path(source);
      FileSystem files = named.getFileSystem(hadoop);
      return new Source(files, files.makeQualified(named));
    }

    private boolean isLocal() {
      return LocalPaths.isLocal(path);
    }

    private Path file() {
      return LocalPaths.toJava(path);
    }

    /** Opens the file with its known status, so that a store need not be asked for it again. */
    private InputStream open(FileStatus status) throws IOException {
      return FutureIO.awaitFuture(files.openFile(path).withFileStatus(status).build());
    }

    private InputStream open() throws IOException {
      if (!isLocal()) {
        return files.open(path, 1 << 20);
      }
      if (isSpecial(file())) {
        throw new IOException("Not a regular file: " + file());
      }
      // Hadoop would look for a checksum beside it, and takes that name for a URI when it has a
      // colon.
      return new FileInputStream(file().toFile());
    }
  }

  /** A copy, whose failures can be distinguished from those of its source. */
  private static final class Copy extends OutputStream {

    private final Source video;
    private final Path file;
    private final OutputStream out;

    private Copy(Source video, Path file) {
      this.video = video;
      this.file = file;
      try {
        this.out = Files.newOutputStream(Files.createFile(file, OWN));
      } catch (IOException e) {
        throw cannotCopy(video, file, e);
      }
    }

    @Override
    public void write(int value) {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
      try {
        out.write(bytes, from, count);
      } catch (IOException e) {
        throw cannotCopy(video, file, e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw cannotCopy(video, file, e);
      }
    }
  }

  /** Whether a file is a pipe or a device, which may never deliver a byte. */
  private static boolean isSpecial(Path file) {
    return Files.exists(file) && !Files.isRegularFile(file);
  }

  @Override
  public void close() throws IOException {
    if (copy != null) {
      Files.deleteIfExists(copy);
    }
  }

  /**
   * The file's extension, which FFmpeg looks at where the content is ambiguous; empty when it is
   * not one.
   */
  private static String extension(String name) {
    Matcher extension = EXTENSION.matcher(name);
    return extension.find() ? extension.group() : "";
  }
}
