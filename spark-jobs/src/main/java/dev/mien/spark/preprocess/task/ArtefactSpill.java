package dev.mien.spark.preprocess.task;

import dev.mien.spark.isolate.TooLargeException;
import dev.mien.spark.storage.LocalDisk;
import dev.mien.spark.storage.LocalFolders;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.SparkEnv;
import org.apache.spark.serializer.SerializationStream;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Holds the artefacts of one video on their way to Spark, in a file of this task's own, so that a
 * long video's clips never lie in memory together. Written once, read once; encrypted where Spark's
 * own files are.
 *
 * <p>The file has no name while it is used: however the process ends, the kernel takes it back.
 */
final class ArtefactSpill implements AutoCloseable {

  private static final ClassTag<Artefact> ARTEFACT = ClassTag$.MODULE$.apply(Artefact.class);
  private static final int BUFFER_BYTES = 1 << 20;
  private static final double GIB = 1L << 30;

  /**
   * The phrase that a video's reason begins with when no disk of this machine could hold its clips.
   */
  static final String TOO_LARGE = "clips larger than the local disk";

  private final Path folder;
  private final long limit;
  private final FileChannel file;
  private final SerializationStream out;
  private boolean isClosed;

  /**
   * Opens a spill of a quarter of the folder's disk at most: Spark keeps a second copy of what is
   * read from it there, and the video's own copy and what is seen in it may lie there, too.
   *
   * @param folder one that no other user can read
   */
  ArtefactSpill(Path folder) throws IOException {
    this(folder, LocalDisk.share(folder));
  }

  /**
   * Opens a spill with a limit.
   *
   * @param limit in bytes
   */
  ArtefactSpill(Path folder, long limit) throws IOException {
    this.folder = folder;
    this.limit = limit;
    this.file =
        FileChannel.open(
            folder.resolve("artefacts"),
            Set.of(
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE), // which Linux does on opening
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    SparkEnv spark = SparkEnv.get();
    this.out =
        spark
            .serializer()
            .newInstance()
            .serializeStream(
                spark
                    .serializerManager()
                    .wrapForEncryption(new BufferedOutputStream(new Sink(), BUFFER_BYTES)));
  }

  void write(Artefact artefact) {
    out.writeObject(artefact, ARTEFACT);
  }

  /**
   * Requires that the video fits on the disk. A disk that is full may be freed; one that is too
   * small would fail the video each time.
   *
   * @throws TooLargeException when what was written is more than the limit
   */
  void requireRoom() {
    try {
      if (file.position() > limit) {
        throw new TooLargeException(
            String.format(
                Locale.ROOT,
                "%s: more than %.1f GiB, a quarter of the disk of %s (give a larger one by %s)",
                TOO_LARGE,
                limit / GIB,
                folder.getParent(),
                LocalFolders.SETTINGS));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads everything written, in order. Nothing more can be written then. */
  @SuppressWarnings("unchecked")
  Iterator<Artefact> read() {
    SparkEnv spark = SparkEnv.get();
    out.flush();
    try {
      file.position(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return (Iterator<Artefact>)
        (Iterator<?>)
            JavaConverters.asJavaIteratorConverter(
                    spark
                        .serializer()
                        .newInstance()
                        .deserializeStream(
                            spark
                                .serializerManager()
                                .wrapForEncryption(
                                    new BufferedInputStream(
                                        Channels.newInputStream(file), BUFFER_BYTES)))
                        .asIterator())
                .asJava();
  }

  /** Gives up what was not read, for which no room on the disk is needed any longer. */
  @Override
  public void close() {
    isClosed = true;
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      out.close();
    }
  }

  /**
   * Writes to the file, and drops what comes once the spill is closed: what still lies in buffers
   * then has no reader.
   */
  private final class Sink extends OutputStream {

    private final OutputStream toFile = Channels.newOutputStream(file);

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      if (!isClosed) {
        toFile.write(bytes, from, count);
      }
    }
  }
}
