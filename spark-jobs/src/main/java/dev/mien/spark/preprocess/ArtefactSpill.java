package dev.mien.spark.preprocess;

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
import java.util.Set;
import org.apache.spark.SparkEnv;
import org.apache.spark.serializer.SerializationStream;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * What one video gave, on their way to Spark, in a file of this task's own: a long video's clips
 * never lie in memory together. Written once, read once; encrypted where Spark's own files are.
 *
 * <p>The file has no name while it is used: however the process ends, the kernel takes it back.
 */
final class ArtefactSpill implements AutoCloseable {

  private static final ClassTag<Artefact> ARTEFACT = ClassTag$.MODULE$.apply(Artefact.class);
  private static final int BUFFER_BYTES = 1 << 20;

  private final FileChannel file;
  private final SerializationStream out;
  private boolean isClosed;

  /** The folder must be one that no other user can read. */
  ArtefactSpill(Path folder) throws IOException {
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

  /** Everything written, in order. Nothing more can be written. */
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

  /** Gives up what was not read, and needs no room on the disk for it. */
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
   * The file, and nothing once the spill is closed: what still lies in buffers then has no reader.
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
