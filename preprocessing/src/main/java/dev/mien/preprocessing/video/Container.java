package dev.mien.preprocessing.video;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avformat.AVFMTCTX_NOHEADER;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_READ;
import static org.bytedeco.ffmpeg.global.avformat.AVSEEK_FLAG_BYTE;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_ATTACHED_PIC;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_DEFAULT;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_TIMED_THUMBNAILS;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_seek_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_index_get_entries_count;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_AUDIO;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_ERROR_MAX_STRING_SIZE;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_PANIC;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.AV_TIME_BASE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_copy;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_max_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale_q;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A video file whose headers have been read. Nothing the size of a frame is allocated for a stream
 * that states a picture larger than the limit, however few bytes state it. Close it.
 *
 * <p>Only local files in plain containers are opened: playlists, which may name other files or
 * hosts, are refused.
 */
final class Container implements AutoCloseable {
  // How much is read to learn about the streams, in bytes and in microseconds of video.
  private static final int PROBE_BYTES = 5_000_000;
  private static final String PROBE_SIZE = Integer.toString(PROBE_BYTES);
  private static final String PROBE_MICROS = "5000000";
  private static final String MOST_STREAMS = "64";
  private static final String OFF = "0";

  // Ten seconds at 30 frames/s, so that the jitter of the first and the last time does not matter.
  private static final int MOST_PACKETS_MEASURED = 300;

  // Planes of the largest side that DecodeOptions allows fit; it bounds what a broken header can
  // make FFmpeg allocate. A setting of the process.
  private static final long LARGEST_BUFFER = 256L << 20;

  static {
    av_log_set_level(AV_LOG_PANIC); // what is wrong with a file is reported once, in its outcome
    av_max_alloc(LARGEST_BUFFER);
  }

  private final AVFormatContext format;
  private final AVIOContext bytes;
  private final int[] indexed;

  private Container(AVFormatContext format, AVIOContext bytes) {
    this.format = format;
    this.bytes = bytes;
    // Set before probing, which adds what it reads to the index.
    this.indexed =
        IntStream.range(0, format.nb_streams())
            .map(i -> avformat_index_get_entries_count(format.streams(i)))
            .toArray();
  }

  /**
   * @param mostPixels no larger frame is decoded to learn about the streams; when one states more,
   *     none is decoded at all
   * @throws UnsupportedVideoException when the file is in a container that is not accepted
   * @throws BrokenVideoException when it is in no known container, or storage does not deliver it
   */
  static Container open(Path video, long mostPixels) throws BrokenVideoException {
    String url = "file:" + video;
    // Opened by ourselves, to distinguish failures of storage from failures of the content.
    AVIOContext bytes = new AVIOContext(null);
    int opened = avio_open(bytes, url, AVIO_FLAG_READ);
    if (opened < 0) {
      throw unreadable(opened);
    }
    AVFormatContext format = avformat_alloc_context().pb(bytes);
    // FFmpeg takes every clock of MPEG that falls for one that has wrapped around, and a recording
    // that starts again at 0 for one of a day. FrameClock distinguishes them.
    try (AVDictionary options =
        dictionary(
            Map.of(
                "correct_ts_overflow", OFF,
                "protocol_whitelist", "file",
                "format_whitelist", Formats.ACCEPTED,
                "probesize", PROBE_SIZE,
                "analyzeduration", PROBE_MICROS,
                "max_streams", MOST_STREAMS))) {
      int status = avformat_open_input(format, url, null, options);
      av_dict_free(options);
      if (status < 0) { // FFmpeg has freed the context
        int failure = bytes.error();
        avio_closep(bytes);
        if (failure < 0) {
          throw unreadable(failure);
        }
        Formats.requireAccepted(video);
        throw new BrokenVideoException("cannot be opened: " + words(status));
      }
    }
    Container container = new Container(format, bytes);
    try {
      if ((format.ctx_flags() & AVFMTCTX_NOHEADER) != 0) {
        container.meetStreams();
      }
      container.probe(mostPixels);
    } catch (BrokenVideoException e) {
      container.close();
      throw e;
    }
    return container;
  }

  /**
   * Reads as many packets as probing does, and rewinds: streams that are not in the headers are
   * known then, and limits can be set for them.
   */
  private void meetStreams() throws BrokenVideoException {
    AVPacket packet = av_packet_alloc();
    try {
      for (long bytes = 0; bytes < PROBE_BYTES && read(packet); ) {
        bytes += packet.size();
        av_packet_unref(packet);
      }
    } finally {
      av_packet_free(packet);
    }
    int status = av_seek_frame(format, -1, 0, AVSEEK_FLAG_BYTE);
    if (status < 0) {
      requireReadable();
      throw new BrokenVideoException("cannot be opened: " + words(status));
    }
  }

  /** Probes the streams for what the headers do not say, which may decode a few frames. */
  private void probe(long mostPixels) throws BrokenVideoException {
    for (AVStream stream : streams(AVMEDIA_TYPE_VIDEO)) {
      if (pixels(stream) > mostPixels) {
        return; // enough is known of it
      }
    }
    int count = format.nb_streams();
    try (PointerPointer<AVDictionary> perStream = new PointerPointer<>(Math.max(1, count));
        AVDictionary limit =
            dictionary(Map.of("max_pixels", Long.toString(mostPixels), "threads", "1"))) {
      for (int i = 0; i < count; i++) {
        AVDictionary copy = new AVDictionary(null);
        av_dict_copy(copy, limit, 0);
        perStream.put(i, copy);
      }
      int status = avformat_find_stream_info(format, perStream);
      for (int i = 0; i < count; i++) {
        // FFmpeg takes the options that it knows from each dictionary and replaces it by one of the
        // rest.
        try (AVDictionary rest = perStream.get(AVDictionary.class, i)) {
          if (rest != null) {
            av_dict_free(rest);
          }
        }
      }
      av_dict_free(limit);
      if (status < 0) {
        requireReadable();
        throw new BrokenVideoException("cannot be opened: " + words(status));
      }
    }
  }

  /**
   * The stream to decode: of those that are not still pictures, the one marked as default, else the
   * one with the largest picture, else the first.
   */
  Optional<AVStream> video() {
    AVStream best = null;
    for (AVStream stream : streams(AVMEDIA_TYPE_VIDEO)) {
      boolean isMoving = !is(stream, AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS);
      if (isMoving && pixels(stream) > 0 && (best == null || isBetter(stream, best))) {
        best = stream;
      }
    }
    return Optional.ofNullable(best);
  }

  private static boolean isBetter(AVStream stream, AVStream than) {
    boolean isDefault = is(stream, AV_DISPOSITION_DEFAULT);
    if (isDefault != is(than, AV_DISPOSITION_DEFAULT)) {
      return isDefault;
    }
    return pixels(stream) > pixels(than);
  }

  /**
   * How many frames the container says that a stream has; 0 when it does not say. For AVI the index
   * counts, since the header includes frames that were left out; a file that was cut has no index.
   */
  long frames(AVStream stream) {
    boolean isAvi = format.iformat().name().getString().equals("avi");
    int inIndex = isAvi ? indexed[stream.index()] : 0;
    return inIndex > 0 ? Math.min(stream.nb_frames(), inIndex) : stream.nb_frames();
  }

  /** What a file without video holds: a stable phrase. */
  String otherContent() {
    List<AVStream> pictures = streams(AVMEDIA_TYPE_VIDEO);
    if (pictures.stream().anyMatch(stream -> is(stream, AV_DISPOSITION_ATTACHED_PIC))) {
      return "cover picture only";
    }
    if (!pictures.isEmpty()) {
      return "no picture size";
    }
    return streams(AVMEDIA_TYPE_AUDIO).isEmpty() ? "nothing to play" : "audio only";
  }

  /**
   * Frames/s by the times of a stream's first packets, without pauses; 0 when most of these times
   * give no plausible rate. Consumes the packets: to decode, open the file anew.
   */
  double measuredRate(AVStream stream) throws BrokenVideoException {
    long[] micros = firstTimes(stream);
    Arrays.sort(micros); // packets come in the order of decoding
    int steps = 0;
    long sum = 0;
    for (int i = 1; i < micros.length; i++) {
      long step = micros[i] - micros[i - 1];
      if (FrameClock.isPlausible(1e6 / step)) {
        steps++;
        sum += step;
      }
    }
    return steps == 0 || 2 * steps < micros.length ? 0 : 1e6 * steps / sum;
  }

  private long[] firstTimes(AVStream stream) throws BrokenVideoException {
    LongStream.Builder micros = LongStream.builder();
    int count = 0;
    AVPacket packet = av_packet_alloc();
    try (AVRational base = new AVRational().num(1).den(AV_TIME_BASE)) {
      while (count < MOST_PACKETS_MEASURED && read(packet)) {
        if (packet.stream_index() == stream.index() && packet.pts() != AV_NOPTS_VALUE) {
          micros.add(av_rescale_q(packet.pts(), stream.time_base(), base));
          count++;
        }
        av_packet_unref(packet);
      }
    } finally {
      av_packet_free(packet);
    }
    return micros.build().toArray();
  }

  /**
   * Counts a stream's packets up to a number. Consumes them: to decode, open the file anew.
   *
   * @throws BrokenVideoException when storage does not deliver the bytes
   */
  int packets(AVStream stream, int most) throws BrokenVideoException {
    int count = 0;
    AVPacket packet = av_packet_alloc();
    try {
      while (count < most && read(packet)) {
        count += packet.stream_index() == stream.index() ? 1 : 0;
        av_packet_unref(packet);
      }
    } finally {
      av_packet_free(packet);
    }
    return count;
  }

  /**
   * Reads the next packet of the streams that are not discarded.
   *
   * @return false at the end of the file, or where its content is no longer readable
   * @throws BrokenVideoException when storage does not deliver the bytes
   */
  boolean read(AVPacket packet) throws BrokenVideoException {
    if (av_read_frame(format, packet) >= 0) {
      return true;
    }
    // Demuxers often report a failed read as the end of the file.
    requireReadable();
    return false;
  }

  private void requireReadable() throws BrokenVideoException {
    int failure = bytes.error();
    if (failure < 0) {
      throw unreadable(failure);
    }
  }

  static BrokenVideoException unreadable(int status) {
    return new BrokenVideoException(BrokenVideoException.UNREADABLE + ": " + words(status));
  }

  AVFormatContext format() {
    return format;
  }

  private List<AVStream> streams(int type) {
    List<AVStream> streams = new ArrayList<>();
    for (int i = 0; i < format.nb_streams(); i++) {
      AVStream stream = format.streams(i);
      if (stream.codecpar().codec_type() == type) {
        streams.add(stream);
      }
    }
    return streams;
  }

  private static boolean is(AVStream stream, int disposition) {
    return (stream.disposition() & disposition) != 0;
  }

  private static long pixels(AVStream stream) {
    AVCodecParameters parameters = stream.codecpar();
    return (long) Math.max(0, parameters.width()) * Math.max(0, parameters.height());
  }

  private static AVDictionary dictionary(Map<String, String> entries) {
    AVDictionary dictionary = new AVDictionary(null);
    entries.forEach((key, value) -> av_dict_set(dictionary, key, value, 0));
    return dictionary;
  }

  /** FFmpeg's text for one of its error codes. */
  static String words(int status) {
    byte[] text = new byte[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(status, text, text.length);
    return new String(text, StandardCharsets.UTF_8).replaceFirst("\\x00.*", "");
  }

  @Override
  public void close() {
    avformat_close_input(format); // FFmpeg does not close what it has not opened
    avio_closep(bytes);
  }
}
