package dev.mien.spark.isolate;

import dev.mien.preprocessing.clip.PreprocessingOptions;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Messages over two pipes: the length of each as an int, then its {@link RecordFormat}. One thread
 * may receive while others send.
 *
 * @param <I> what comes in
 * @param <O> what goes out
 */
final class MessageChannel<I, O> {

  /**
   * The longest message: the largest clip and what is said of it. A report of a video with {@code
   * maximum-frames} and sixteen faces takes a tenth of it; what claims to be longer is no message.
   */
  private static final int MAXIMUM_BYTES = PreprocessingOptions.MOST_CLIP_BYTES + (1 << 20);

  private final DataInputStream in;
  private final RecordFormat<I> incoming;
  private final DataOutputStream out;
  private final RecordFormat<O> outgoing;

  MessageChannel(
      InputStream in, RecordFormat<I> incoming, OutputStream out, RecordFormat<O> outgoing) {
    this.in = new DataInputStream(in);
    this.incoming = incoming;
    this.out = new DataOutputStream(new BufferedOutputStream(out));
    this.outgoing = outgoing;
  }

  /**
   * Sends a message whole.
   *
   * @throws EOFException when the other side has gone
   * @throws IOException when the message cannot be sent; nothing of it was
   */
  synchronized void send(O message) throws IOException {
    // A clip may take half of the heap, so that there is no room for its bytes beside it.
    int length = outgoing.length(message);
    if (length > MAXIMUM_BYTES) {
      throw new IOException(
          "Message too large: " + length + " bytes (at most " + MAXIMUM_BYTES + ")");
    }
    try {
      out.writeInt(length);
      outgoing.write(message, out);
      out.flush();
    } catch (IOException e) {
      throw (EOFException) new EOFException("The other side has gone").initCause(e);
    }
  }

  /**
   * Waits for the next message.
   *
   * @throws EOFException when the other side has gone
   * @throws IOException when what comes is no message
   */
  I receive() throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MAXIMUM_BYTES) {
      throw new IOException(
          "Invalid message length: " + length + " (must be in [0," + MAXIMUM_BYTES + "])");
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("The other side went in the middle of a message");
    }
    return incoming.read(bytes);
  }
}
