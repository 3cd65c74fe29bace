package dev.mien.spark.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.io.SyncFailedException;
import java.util.EnumSet;
import java.util.Set;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.CommonConfigurationKeysPublic;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.permission.FsCreateModes;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Writes files that survive a power cut, wherever the file system can promise that: a file that is
 * only closed may stay in a machine's memory for half a minute more. Object stores keep what is
 * closed, and need no promise.
 */
public final class DurableFile {

  private static final Set<String> HDFS = Set.of("hdfs", "viewfs");

  /** Content of a file. */
  @FunctionalInterface
  public interface Content {

    /** Writes all of it, and flushes its own buffers; the stream stays open. */
    void writeTo(OutputStream out) throws IOException;
  }

  private DurableFile() {}

  /**
   * Replaces a file. If the process is killed meanwhile, a part of the file is left.
   *
   * @throws IOException when it cannot be written, or the file system cannot promise to keep it
   */
  public static void write(FileSystem files, Path path, Content content) throws IOException {
    Writing.write(() -> writeAndSync(files, path, content));
  }

  private static void writeAndSync(FileSystem files, Path path, Content content)
      throws IOException {
    try (FSDataOutputStream out = create(unchecked(files, path), path)) {
      content.writeTo(out);
      if (out.hasCapability(StreamCapabilities.HSYNC)) {
        out.hsync();
      }
    } catch (SyncFailedException e) { // says neither where nor why
      throw new IOException("Cannot keep " + path + " on its disk (is it full?)", e);
    }
  }

  /**
   * The file system without Hadoop's checksum files, which on a local disk can neither be synced
   * nor move in the same step. A former file's checksum file is deleted: it would not match.
   */
  static FileSystem unchecked(FileSystem files, Path path) throws IOException {
    if (files instanceof ChecksumFileSystem checked) {
      FileSystem raw = checked.getRawFileSystem();
      raw.delete(checked.getChecksumFile(path), false);
      return raw;
    }
    return files;
  }

  /** Whether the file system is HDFS, by itself or behind a viewfs. */
  static boolean isHdfs(FileSystem files) {
    return HDFS.contains(files.getUri().getScheme());
  }

  /**
   * Creates the file. HDFS syncs only the block that is being written, unless it is told to sync
   * each block, which a viewfs does not pass on.
   */
  private static FSDataOutputStream create(FileSystem files, Path path) throws IOException {
    if (!isHdfs(files)) {
      return files.create(path, true);
    }
    return files.create(
        path,
        FsCreateModes.applyUMask(
            FsPermission.getFileDefault(), FsPermission.getUMask(files.getConf())),
        EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE, CreateFlag.SYNC_BLOCK),
        files
            .getConf()
            .getInt(
                CommonConfigurationKeysPublic.IO_FILE_BUFFER_SIZE_KEY,
                CommonConfigurationKeysPublic.IO_FILE_BUFFER_SIZE_DEFAULT),
        files.getDefaultReplication(path),
        files.getDefaultBlockSize(path),
        null);
  }
}
