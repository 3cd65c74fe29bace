package dev.mien.spark.video;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/**
 * A video as a file of this machine, which FFmpeg can read, with the sha256 of its bytes. A remote
 * one is copied, and the copy goes with {@link #close}.
 */
public record LocalVideo(Path file, String contentHash, Path copy) implements AutoCloseable {

  private static final int ID_DIGITS = 16;

  private static final FileAttribute<?> OWN =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** What the ids of its tracks and clips begin with: the same bytes have the same ids anywhere. */
  public String videoId() {
    return contentHash.substring(0, ID_DIGITS);
  }

  /**
   * Reads every byte of a video.
   *
   * @param source URI, or a path in the default file system
   * @param folder for a copy
   * @throws UnreadableVideoException when its file system does not give them
   * @throws UncheckedIOException when the folder does not take the copy, as when its disk is full
   */
  public static LocalVideo fetch(String source, Configuration hadoop, Path folder)
      throws UnreadableVideoException {
    try {
      return read(source, hadoop, folder);
    } catch (IOException | IllegalArgumentException e) { // no such file, or no such URI
      throw new UnreadableVideoException(e);
    }
  }

  private static LocalVideo read(String source, Configuration hadoop, Path folder)
      throws IOException {
    org.apache.hadoop.fs.Path named = new org.apache.hadoop.fs.Path(source);
    FileSystem files = named.getFileSystem(hadoop);
    org.apache.hadoop.fs.Path path = files.makeQualified(named);
    URI uri = path.toUri();
    boolean local = uri.getScheme().equals("file");
    if (local && isSpecial(Path.of(uri.getPath()))) {
      throw new IOException("Not a regular file: " + uri.getPath());
    }
    MessageDigest digest = sha256();

    try (InputStream in = new DigestInputStream(files.open(path, 1 << 20), digest)) {
      if (local) {
        in.transferTo(OutputStream.nullOutputStream());
        return new LocalVideo(Path.of(uri.getPath()), hex(digest), null);
      }

      Path copy = folder.resolve("video" + extension(path.getName()));
      try (OutputStream out = new Copy(copy)) {
        in.transferTo(out);
      } catch (IOException | UncheckedIOException e) {
        Files.deleteIfExists(copy);
        throw e;
      }
      return new LocalVideo(copy, hex(digest), copy);
    }
  }

  /** A file whose failures are told from those of what it is a copy of. */
  private static final class Copy extends OutputStream {

    private final Path file;
    private final OutputStream out;

    private Copy(Path file) {
      this.file = file;
      try {
        this.out = Files.newOutputStream(Files.createFile(file, OWN));
      } catch (IOException e) {
        throw failure(e);
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
        throw failure(e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw failure(e);
      }
    }

    private UncheckedIOException failure(IOException cause) {
      return new UncheckedIOException(
          "Cannot write a copy of the video to %s: %s (free some of the disk, or give spark.local.dir"
                  .formatted(file, cause.getMessage())
              + " a larger one)",
          cause);
    }
  }

  /** A pipe or a device, which may never give a byte. */
  private static boolean isSpecial(Path file) {
    return Files.exists(file) && !Files.isRegularFile(file);
  }

  @Override
  public void close() throws IOException {
    if (copy != null) {
      Files.deleteIfExists(copy);
    }
  }

  /** FFmpeg looks at it where the content leaves a doubt. */
  private static String extension(String name) {
    return name.substring(Math.max(0, name.lastIndexOf('.')));
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no SHA-256", e);
    }
  }
}
