package dev.mien.preprocessing.video;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_q2d;

import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;

/**
 * Decodes one stream of a container from its first packet to its last. Packets that the codec
 * refuses are skipped; the caller must judge how many frames came of all. Close it before the
 * container.
 */
final class StreamDecoder implements AutoCloseable {
  // No codec delays so many frames: a stream of that many packets without a picture has none.
  private static final int MOST_PACKETS_WITHOUT_FRAME = 10_000;

  private final Container container;
  private final int stream;
  private final AVCodecContext codec;
  private final AVPacket packet = av_packet_alloc();
  private final AVFrame frame = av_frame_alloc();
  private boolean isDraining;
  private int packetsWithoutFrame;
  private double streamEnd;
  private double fileEnd;

  private StreamDecoder(Container container, int stream, AVCodecContext codec) {
    this.container = container;
    this.stream = stream;
    this.codec = codec;
  }

  /**
   * @param mostPixels the codec refuses larger frames before it allocates them
   * @throws BrokenVideoException when there is no such codec here, or it refuses the stream
   */
  static StreamDecoder open(Container container, AVStream stream, long mostPixels)
      throws BrokenVideoException {
    int id = stream.codecpar().codec_id();
    AVCodec known = avcodec_find_decoder(id);
    if (known == null) {
      String name = avcodec_get_name(id).getString();
      throw new BrokenVideoException("cannot be opened: no decoder for " + name);
    }
    AVCodecContext codec = avcodec_alloc_context3(known);
    int status = avcodec_parameters_to_context(codec, stream.codecpar());
    if (status >= 0) {
      codec.pkt_timebase(stream.time_base());
      codec.max_pixels(mostPixels);
      // With several threads, FFmpeg guesses differently each time at what a damaged file does not
      // say.
      codec.thread_count(1);
      status = avcodec_open2(codec, known, (AVDictionary) null);
    }
    if (status < 0) {
      avcodec_free_context(codec);
      throw new BrokenVideoException("cannot be opened: " + Container.words(status));
    }
    return new StreamDecoder(container, stream.index(), codec);
  }

  /**
   * The next frame, which the next call overwrites; empty after the last.
   *
   * @throws BrokenVideoException when packets give no picture for too long
   */
  Optional<AVFrame> next() throws BrokenVideoException {
    int status = avcodec_receive_frame(codec, frame);
    while (status < 0) {
      if (!isDraining) {
        feed();
      } else if (status == AVERROR_EOF) {
        return Optional.empty();
      } else {
        countPacket(); // some codecs report a bad packet in its turn, before later frames
      }
      status = avcodec_receive_frame(codec, frame);
    }
    packetsWithoutFrame = 0;
    return Optional.of(frame);
  }

  private void feed() throws BrokenVideoException {
    if (!container.read(packet)) {
      isDraining = true;
      avcodec_send_packet(codec, (AVPacket) null);
      return;
    }
    double end = packetEnd();
    fileEnd = Math.max(fileEnd, end);
    streamEnd = packet.stream_index() == stream ? Math.max(streamEnd, end) : streamEnd;
    // An empty packet would end the stream for the codec.
    if (packet.stream_index() == stream && packet.size() > 0) {
      avcodec_send_packet(codec, packet);
      countPacket();
    }
    av_packet_unref(packet);
  }

  private void countPacket() throws BrokenVideoException {
    packetsWithoutFrame++;
    if (packetsWithoutFrame > MOST_PACKETS_WITHOUT_FRAME) {
      throw new BrokenVideoException("no picture in " + MOST_PACKETS_WITHOUT_FRAME + " packets");
    }
  }

  private double packetEnd() {
    long start = packet.pts() == AV_NOPTS_VALUE ? packet.dts() : packet.pts();
    AVRational base = container.format().streams(packet.stream_index()).time_base();
    return start == AV_NOPTS_VALUE ? 0 : av_q2d(base) * (start + packet.duration());
  }

  /** Seconds by which the other streams that are not discarded went on after this one. */
  double secondsAfterStream() {
    return fileEnd - streamEnd;
  }

  @Override
  public void close() {
    av_frame_free(frame);
    av_packet_free(packet);
    avcodec_free_context(codec);
  }
}
