package dev.mien.preprocessing.video;

import static org.bytedeco.ffmpeg.global.avutil.av_frame_clone;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NoSuchElementException;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * Holds the last frames of a decoder, as the codec returned them and without copies, up to a size
 * in memory, so that they need not be decoded again. Close it.
 */
final class HeldFrames implements AutoCloseable {
  private final Deque<HeldFrame> frames = new ArrayDeque<>();
  private final long mostBytes;
  private long bytes;
  private int dropped;

  HeldFrames(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** How many frames came before those held. */
  int dropped() {
    return dropped;
  }

  void add(AVFrame frame, long timestampMicros) {
    AVFrame reference = av_frame_clone(frame);
    long size = bytes(frame);
    if (reference == null) {
      throw new IllegalStateException("Cannot hold a frame: out of native memory");
    }
    frames.add(new HeldFrame(reference, timestampMicros, size));
    bytes += size;
    while (bytes > mostBytes) {
      remove().close();
      dropped++;
    }
  }

  boolean isEmpty() {
    return frames.isEmpty();
  }

  /** Returns the earliest frame, which the caller must close. */
  HeldFrame remove() {
    HeldFrame first = frames.poll();
    if (first == null) {
      throw new NoSuchElementException("Cannot take a frame: none is held");
    }
    bytes -= first.bytes;
    return first;
  }

  private static long bytes(AVFrame frame) {
    long bytes = 0;
    for (int i = 0; i < AVFrame.AV_NUM_DATA_POINTERS && frame.buf(i) != null; i++) {
      bytes += frame.buf(i).size();
    }
    return bytes;
  }

  record HeldFrame(AVFrame frame, long timestampMicros, long bytes) implements AutoCloseable {
    @Override
    public void close() {
      av_frame_free(frame);
    }
  }

  @Override
  public void close() {
    frames.forEach(HeldFrame::close);
    frames.clear();
  }
}
