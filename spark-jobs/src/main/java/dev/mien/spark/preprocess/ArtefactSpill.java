package dev.mien.spark.preprocess;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.apache.spark.SparkEnv;
import org.apache.spark.serializer.DeserializationStream;
import org.apache.spark.serializer.SerializationStream;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * What one video gave, on their way to Spark, in a file of this task's own: a long video's clips
 * never lie in memory together. Written once, read once; closing it deletes the file.
 */
final class ArtefactSpill implements AutoCloseable {

  private static final ClassTag<Artefact> ARTEFACT = ClassTag$.MODULE$.apply(Artefact.class);

  private final Path file;
  private final SerializationStream out;
  private DeserializationStream in;

  ArtefactSpill() throws IOException {
    this.file = Files.createTempFile("mien-artefacts-", ".spill");
    this.out =
        SparkEnv.get()
            .serializer()
            .newInstance()
            .serializeStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20));
  }

  void write(Artefact artefact) {
    out.writeObject(artefact, ARTEFACT);
  }

  /** Everything written, in order. Nothing more can be written. */
  @SuppressWarnings("unchecked")
  Iterator<Artefact> read() {
    out.close();

    try {
      in =
          SparkEnv.get()
              .serializer()
              .newInstance()
              .deserializeStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }

    return (Iterator<Artefact>) (Iterator<?>) JavaConverters.asJavaIterator(in.asIterator());
  }

  @Override
  public void close() {
    out.close();
    if (in != null) {
      in.close();
    }

    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
