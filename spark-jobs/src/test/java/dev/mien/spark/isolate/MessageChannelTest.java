package dev.mien.spark.isolate;

import static java.util.Collections.nCopies;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.mien.preprocessing.clip.Clip;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.track.FaceQuality;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.testng.annotations.Test;

public class MessageChannelTest {

  private static final int MEBI = 1 << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  public void whatIsSentIsReceived() throws IOException {
    Clip clip = clip(nCopies(3, new byte[] {1, 2, 3}));
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    channel(InputStream.nullInputStream(), sent).send(new Reply.Made(clip));

    MessageChannel<Reply, Reply> other =
        channel(new ByteArrayInputStream(sent.toByteArray()), OutputStream.nullOutputStream());
    assertThat(other.receive()).usingRecursiveComparison().isEqualTo(new Reply.Made(clip));
  }

  /** A decoding process has a heap of twice the largest clip. */
  @Test
  public void aClipIsSentWithoutACopyOfItInMemory() throws IOException {
    MessageChannel<Reply, Reply> channel =
        channel(InputStream.nullInputStream(), OutputStream.nullOutputStream());
    Reply made = new Reply.Made(clip(nCopies(4, new byte[32 * MEBI])));

    long before = THREADS.getCurrentThreadAllocatedBytes();
    channel.send(made);
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(MEBI);
  }

  @Test
  public void nothingIsSentOfWhatIsTooLarge() {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    MessageChannel<Reply, Reply> channel = channel(InputStream.nullInputStream(), sent);

    for (int copies : List.of(9, 100)) {
      Reply made = new Reply.Made(clip(nCopies(copies, new byte[32 * MEBI])));
      assertThatThrownBy(() -> channel.send(made))
          .isInstanceOf(IOException.class)
          .hasMessageMatching("Message too large: \\d+ bytes \\(at most 269484032\\)");
    }
    assertThat(sent.size()).isZero();
  }

  private static MessageChannel<Reply, Reply> channel(InputStream in, OutputStream out) {
    RecordFormat<Reply> format = RecordFormat.of(Reply.class);
    return new MessageChannel<>(in, format, out, format);
  }

  private static Clip clip(List<byte[]> images) {
    return new Clip(
        "v-t000-c0000",
        "v-t000",
        0,
        new long[images.size()],
        images.size(),
        224,
        224,
        FrameFormat.JPEG,
        images,
        new byte[0],
        new short[0],
        25,
        new FaceQuality(1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
        new long[4]);
  }
}
