package dev.mien.spark.preprocess;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;

/**
 * A video as a file of this machine, which FFmpeg can read, with the sha256 of its bytes. A remote
 * one is copied, and the copy goes with {@link #close}.
 */
record LocalVideo(Path file, String contentHash, Path copy) implements AutoCloseable {

  /**
   * Reads every byte of a video.
   *
   * @throws UnreadableVideoException when its file system does not give them
   */
  static LocalVideo fetch(VideoSource source, Configuration hadoop)
      throws UnreadableVideoException {
    try {
      return read(source, hadoop);
    } catch (IOException e) {
      throw new UnreadableVideoException(e);
    }
  }

  private static LocalVideo read(VideoSource source, Configuration hadoop) throws IOException {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(source.uri());
    MessageDigest digest = sha256();

    try (InputStream in =
        new DigestInputStream(path.getFileSystem(hadoop).open(path, 1 << 20), digest)) {
      URI uri = path.toUri();
      if (uri.getScheme() == null || uri.getScheme().equals("file")) {
        in.transferTo(OutputStream.nullOutputStream());
        return new LocalVideo(Path.of(uri.getPath()), hex(digest), null);
      }

      Path copy = Files.createTempFile("mien-video-", "-" + path.getName());
      try (OutputStream out = Files.newOutputStream(copy)) {
        in.transferTo(out);
      } catch (IOException e) {
        Files.delete(copy);
        throw e;
      }
      return new LocalVideo(copy, hex(digest), copy);
    }
  }

  @Override
  public void close() throws IOException {
    if (copy != null) {
      Files.deleteIfExists(copy);
    }
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
