package dev.mien.preprocessing.video;

import static org.bytedeco.ffmpeg.avutil.AVFrame.AV_FRAME_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_ALL;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_AUDIO;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.AV_TIME_BASE;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale_q;

import dev.mien.preprocessing.video.HeldFrames.HeldFrame;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Decodes a video from its first frame to its last, upright, at no more than the wanted rate, once
 * or twice.
 *
 * <p>It never seeks, because a seek is only approximate. Of a source faster than {@link
 * DecodeOptions#maximumFramesPerSecond()} every n-th frame is kept, n being the smallest whole
 * number that brings it to that rate. A timestamp that is missing or does not grow is replaced by
 * the previous one plus one frame period. Where the container states no plausible rate, it is
 * measured by the times of the first 300 packets; where those are not plausible either, 25 frames a
 * second are assumed. Frames of another size than the container states, or with pixels that are not
 * square, are scaled; of interlaced frames the top field is kept.
 *
 * <p>Memory is that of the codec and of one frame, and at most 256 MiB of frames held for a second
 * pass. Of several video streams one is decoded: the default one, else the largest. Not
 * thread-safe; close it.
 */
public final class Decoder implements AutoCloseable {
  // A nominal 30 frames/s is often written as 30.0x; up to 1 % more is no reason to halve the rate.
  private static final double RATE_TOLERANCE = 0.01;

  // Three seconds of 1080p, a minute of 400x300, all of a VoxCeleb2 utterance.
  private static final long MOST_BYTES_HELD = 256L << 20;

  private final Path video;
  private final DecodeOptions options;
  private final HeldFrames held;
  private final AVRational micros = new AVRational().num(1).den(AV_TIME_BASE);
  private Container container;
  private AVStream stream;
  private StreamDecoder decoder;
  private FrameConverter converter;
  private FrameClock clock;
  private StreamFacts facts;
  private OptionalInt packets = OptionalInt.empty();
  private AVFrame frame;
  private HeldFrame heldFrame;
  private Mat image;
  private Mat upright;
  private int sourceFrames;
  private int keptFrames;
  private int damagedFrames;
  private boolean isSecondPass;
  private boolean followsHole;
  private long timestampMicros;
  private long firstMicros;
  private long lastMicros;

  private Decoder(Path video, DecodeOptions options, long mostBytesHeld) {
    this.video = video;
    this.options = options;
    this.held = new HeldFrames(mostBytesHeld);
  }

  /**
   * Opens a video. The codec is opened with the first frame, so that the container's statements can
   * be checked first.
   *
   * @throws BrokenVideoException when the file is in no supported container
   */
  public static Decoder open(Path video, DecodeOptions options) throws BrokenVideoException {
    return open(video, options, MOST_BYTES_HELD);
  }

  static Decoder open(Path video, DecodeOptions options, long mostBytesHeld)
      throws BrokenVideoException {
    Decoder decoder = new Decoder(video, options, mostBytesHeld);
    try {
      decoder.openContainer();
      decoder.countPackets();
    } catch (BrokenVideoException e) {
      decoder.close();
      throw e;
    }
    return decoder;
  }

  private void openContainer() throws BrokenVideoException {
    openStream(0);
    if (stream != null && !clock.isTrusted()) {
      double measured = container.measuredRate(stream);
      closeContainer();
      openStream(measured);
    }
  }

  /**
   * Counts the packets where too many frames are promised by a duration and a rate, which with
   * pauses are far from a count.
   */
  private void countPackets() throws BrokenVideoException {
    int most = options.maximumFrames();
    if (stream != null && !facts.framesCounted() && facts.framesPromised() > most) {
      packets = OptionalInt.of(container.packets(stream, most + 1));
      closeContainer();
      openContainer();
    }
  }

  private void openStream(double measuredRate) throws BrokenVideoException {
    container = Container.open(video, mostPixels());
    stream = container.video().orElse(null);
    if (stream == null) {
      facts = StreamFacts.NONE;
      clock = facts.clock();
      return;
    }
    facts = StreamFacts.of(container, stream, measuredRate);
    clock = facts.clock();
    for (int i = 0; i < container.format().nb_streams(); i++) {
      AVStream other = container.format().streams(i);
      if (i != stream.index() && !isWitness(other)) {
        other.discard(AVDISCARD_ALL);
      }
    }
  }

  /** Whether another stream can show that the file is whole although the picture ends before it. */
  private boolean isWitness(AVStream other) {
    return !facts.hasOwnDuration() && other.codecpar().codec_type() == AVMEDIA_TYPE_AUDIO;
  }

  private long mostPixels() {
    return (long) options.maximumSide() * options.maximumSide();
  }

  /**
   * Decodes the next kept frame; {@link #frame()} then holds it.
   *
   * @return false after the last frame
   * @throws BrokenVideoException when the codec gives up
   */
  public boolean next() throws BrokenVideoException {
    image = null;
    upright = null;
    if (isSecondPass && keptFrames >= held.dropped()) {
      return nextHeld();
    }
    if (decoder == null) {
      decoder = StreamDecoder.open(container, stream, mostPixels());
    }
    followsHole = false;
    Optional<AVFrame> decoded = decoder.next();
    while (decoded.isPresent()) {
      frame = decoded.get();
      lastMicros = clock.next(micros(frame.best_effort_timestamp()));
      firstMicros = sourceFrames == 0 ? lastMicros : firstMicros;
      followsHole |= clock.followsHole();
      boolean isKept = sourceFrames % stride() == 0;
      sourceFrames++;
      if (!isSecondPass && isDamaged(frame)) {
        damagedFrames++;
      }
      if (isKept) {
        keptFrames++;
        timestampMicros = lastMicros;
        if (!isSecondPass) {
          held.add(frame, lastMicros);
        }
        return true;
      }
      decoded = decoder.next();
    }
    return false;
  }

  /** Whether the codec had to guess parts of the frame. */
  private static boolean isDamaged(AVFrame frame) {
    return frame.decode_error_flags() != 0 || (frame.flags() & AV_FRAME_FLAG_CORRUPT) != 0;
  }

  private boolean nextHeld() {
    closeHeldFrame();
    if (held.isEmpty()) {
      return false;
    }
    closeContainer();
    heldFrame = held.remove();
    frame = heldFrame.frame();
    timestampMicros = heldFrame.timestampMicros();
    sourceFrames = keptFrames * stride() + 1;
    keptFrames++;
    return true;
  }

  /**
   * Goes back to the first frame; it can be called once, at any time. The second pass gives the
   * same frames, to the bit: the last ones of the first pass from memory, and those before by
   * decoding them again.
   *
   * @throws BrokenVideoException when the file can no longer be opened
   */
  public void rewind() throws BrokenVideoException {
    isSecondPass = true;
    sourceFrames = 0;
    keptFrames = 0;
    image = null;
    upright = null;
    frame = null;
    closeContainer();
    if (held.dropped() > 0) {
      openContainer();
    }
  }

  private long micros(long ticks) {
    return ticks == AV_NOPTS_VALUE
        ? FrameClock.MISSING
        : av_rescale_q(ticks, stream.time_base(), micros);
  }

  /**
   * The current frame, {@code [H,W]} BGR uint8, upright; valid until the next call of {@link
   * #next()}.
   */
  public Mat frame() {
    if (upright == null) {
      unturned();
      upright = converter.turn();
    }
    return upright;
  }

  /**
   * The current frame in the form that is cheapest to produce: {@code [H,W]} or {@code [W,H]} BGR
   * uint8, turned like all frames of the video; valid until the next call of {@link #next()}.
   */
  public Mat unturned() {
    if (image == null) {
      if (converter == null) {
        converter = new FrameConverter(facts);
      }
      image = converter.convert(frame);
    }
    return image;
  }

  /**
   * What was wrong with the frames so far, and which of their properties were not kept: each a
   * short stable phrase, with ": " before any detail.
   */
  public List<String> notices() {
    List<String> notices = new ArrayList<>();
    if (damagedFrames > 0) {
      notices.add(
          "damaged frames: the codec guessed parts of %d, and what later ones take from them"
              .formatted(damagedFrames));
    }
    if (converter != null) {
      notices.addAll(converter.notices());
    }
    return notices;
  }

  /** Presentation time of the current frame in microseconds of the container's clock. */
  public long timestampMicros() {
    return timestampMicros;
  }

  /**
   * Whether in the first pass there is a hole in time before the current frame: nothing was shown
   * for more than a second, and for ten times as long as before the previous frame.
   */
  public boolean followsHole() {
    return followsHole;
  }

  /** Source frames decoded in this pass so far, including those dropped to lower the rate. */
  public int sourceFrames() {
    return sourceFrames;
  }

  public boolean hasVideo() {
    return stream != null;
  }

  /** What a file without video holds: a stable phrase such as {@code audio only}. */
  public String otherContent() {
    return container.otherContent();
  }

  /** Width of the upright frame in square pixels. */
  public int width() {
    return facts.rotation() % 180 == 0 ? facts.width() : facts.height();
  }

  /** Height of the upright frame in square pixels. */
  public int height() {
    return facts.rotation() % 180 == 0 ? facts.height() : facts.width();
  }

  /** Clockwise turn in degrees that makes the coded frame upright: 0, 90, 180 or 270. */
  public int rotation() {
    return facts.rotation();
  }

  /** The source's mean rate in frames/s, before frames are dropped. */
  public double sourceFramesPerSecond() {
    return clock.framesPerSecond();
  }

  /** Of how many frames one is kept. */
  public int stride() {
    double ratio = sourceFramesPerSecond() / options.maximumFramesPerSecond();
    return Math.max(1, (int) Math.ceil(ratio - RATE_TOLERANCE));
  }

  /**
   * Frames that the container promises, by its own count or else by its duration and mean rate; 0
   * when it does not say. If that is more than {@link DecodeOptions#maximumFrames()} and not its
   * own count, its packets are counted, up to one more than that.
   */
  public int framesPromised() {
    return packets.orElse(facts.framesPromised());
  }

  /**
   * Share of what the container promises that was decoded so far: of its frames if it counts them,
   * else of its duration, without jumps of its clock. Where only the whole file's duration is
   * stated, time in which the sound went on after the picture is subtracted. 1 when nothing is
   * promised.
   */
  public double decodedShare() {
    if (countsFrames()) {
      return (double) sourceFrames / facts.framesPromised();
    }
    return facts.seconds() > 0 ? decodedSeconds() / promisedSeconds() : 1;
  }

  /**
   * What was decoded so far of what is promised, such as {@code 12 of 20 frames} or {@code 1.2 of
   * 2.0 s}.
   */
  public String progress() {
    return countsFrames()
        ? "%d of %d frames".formatted(sourceFrames, facts.framesPromised())
        : String.format(Locale.ROOT, "%.1f of %.1f s", decodedSeconds(), promisedSeconds());
  }

  // A duration times a mean rate is not a count: with a variable rate it can be far off.
  private boolean countsFrames() {
    return facts.framesCounted() && facts.framesPromised() > 0;
  }

  private double decodedSeconds() {
    return sourceFrames == 0 ? 0 : (lastMicros - firstMicros) / 1e6 + 1 / clock.framesPerSecond();
  }

  private double promisedSeconds() {
    double soundAlone = decoder == null ? 0 : decoder.secondsAfterStream();
    double notPlayed = clock.secondsAhead() + (facts.hasOwnDuration() ? 0 : soundAlone);
    return notPlayed < facts.seconds() ? facts.seconds() - notPlayed : facts.seconds();
  }

  /**
   * Stated duration of the picture in seconds; if only the whole file's is stated, that from the
   * picture's start on; 0 when none is.
   */
  public double seconds() {
    return facts.seconds();
  }

  /** FFmpeg's name of the codec, empty when unknown. */
  public String codec() {
    return facts.codec();
  }

  private void closeHeldFrame() {
    if (heldFrame != null) {
      heldFrame.close();
      heldFrame = null;
    }
  }

  private void closeContainer() {
    if (decoder != null) {
      decoder.close();
      decoder = null;
    }
    if (container != null) {
      container.close();
      container = null;
    }
  }

  @Override
  public void close() {
    closeHeldFrame();
    held.close();
    closeContainer();
    if (converter != null) {
      converter.close();
    }
    micros.close();
  }
}
