package dev.mien.preprocessing.video;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_DATA_DISPLAYMATRIX;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_side_data_get;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avformat.av_guess_sample_aspect_ratio;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.AV_TIME_BASE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_get;
import static org.bytedeco.ffmpeg.global.avutil.av_display_rotation_get;
import static org.bytedeco.ffmpeg.global.avutil.av_parse_time;

import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionaryEntry;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.IntPointer;

/**
 * What a container says of a video stream, before a frame of it is decoded.
 *
 * @param width of the coded frame in square pixels: a frame whose pixels are not square is to be
 *     stretched or squeezed to this
 * @param height of the coded frame in pixels
 * @param rotation clockwise turn in degrees that makes the coded frame upright: 0, 90, 180 or 270
 * @param isMirrored whether it is upside down before it is turned
 * @param meanRate frames/s over the video, stated or measured; 0 when unknown
 * @param baseRate frames/s in which all times of the stream can be expressed; 0 when unknown
 * @param roundSeconds after which its clock wraps around to 0: MPEG counts in 33 bits, a day and
 *     2.5 hours; infinite when it never does
 * @param framesPromised by its own count or else by its duration and rate; 0 when unknown
 * @param framesCounted whether it has a count of its own
 * @param seconds its duration; 0 when unknown
 * @param hasOwnDuration whether the duration is stated for the stream; otherwise it is the file's,
 *     from the stream's start on
 * @param codec FFmpeg's name of the codec, empty when unknown
 */
record StreamFacts(
    int width,
    int height,
    int rotation,
    boolean isMirrored,
    double meanRate,
    double baseRate,
    double roundSeconds,
    int framesPromised,
    boolean framesCounted,
    double seconds,
    boolean hasOwnDuration,
    String codec) {

  // Anamorphic film and broadcast stay below 2.3.
  private static final double WIDEST_PIXEL = 4;

  /** For a file without a video stream. */
  static final StreamFacts NONE =
      new StreamFacts(0, 0, 0, false, 0, 0, Double.POSITIVE_INFINITY, 0, false, 0, false, "");

  /**
   * @param measuredRate frames/s, if the container states no plausible rate; else 0
   */
  static StreamFacts of(Container container, AVStream stream, double measuredRate) {
    AVFormatContext format = container.format();
    long frames = container.frames(stream);
    AVCodecParameters parameters = stream.codecpar();
    double meanRate = measuredRate > 0 ? measuredRate : value(stream.avg_frame_rate());
    double baseRate = value(stream.r_frame_rate());
    double roundSeconds = roundSeconds(stream);
    double seconds = seconds(format, stream);
    int[] matrix = displayMatrix(parameters);
    return new StreamFacts(
        squareWidth(parameters.width(), av_guess_sample_aspect_ratio(format, stream, null)),
        parameters.height(),
        rotation(matrix),
        isMirrored(matrix),
        meanRate,
        baseRate,
        roundSeconds,
        promised(
            frames, seconds, new FrameClock(meanRate, baseRate, roundSeconds).framesPerSecond()),
        frames > 0,
        seconds,
        seconds(stream.duration(), stream) > 0 || taggedSeconds(stream) > 0,
        avcodec_get_name(parameters.codec_id()).getString());
  }

  /** A clock at the stream's rate, at its beginning. */
  FrameClock clock() {
    return new FrameClock(meanRate, baseRate, roundSeconds);
  }

  private static int squareWidth(int width, AVRational pixelShape) {
    double ratio = value(pixelShape);
    boolean isPlausible = ratio >= 1 / WIDEST_PIXEL && ratio <= WIDEST_PIXEL;
    return isPlausible ? Math.max(1, (int) Math.round(width * ratio)) : width;
  }

  private static double seconds(AVFormatContext format, AVStream stream) {
    double own = seconds(stream.duration(), stream);
    if (own > 0) {
      return own;
    }
    // Other containers state the end on the file's clock.
    long fileMicros = format.duration();
    double end = fileMicros == AV_NOPTS_VALUE ? 0 : Math.max(0, (double) fileMicros / AV_TIME_BASE);
    double tagged = taggedSeconds(stream);
    if (tagged > 0) {
      end = end > 0 ? Math.min(tagged, end) : tagged;
    }
    double start = seconds(stream.start_time(), stream);
    return start > 0 && start < end ? end - start : end;
  }

  private static double roundSeconds(AVStream stream) {
    int bits = stream.pts_wrap_bits();
    return bits < Long.SIZE - 1 ? seconds(1L << bits, stream) : Double.POSITIVE_INFINITY;
  }

  private static double seconds(long ticks, AVStream stream) {
    AVRational base = stream.time_base();
    return ticks == AV_NOPTS_VALUE ? 0 : (double) ticks * base.num() / base.den();
  }

  /** The duration that Matroska states for a single stream; 0 when it does not. */
  private static double taggedSeconds(AVStream stream) {
    AVDictionaryEntry tag = av_dict_get(stream.metadata(), "DURATION", null, 0);
    long[] micros = new long[1];
    boolean isTime = tag != null && av_parse_time(micros, tag.value(), 1) >= 0;
    return isTime ? (double) micros[0] / AV_TIME_BASE : 0;
  }

  private static int promised(long frames, double seconds, double framesPerSecond) {
    double fromDuration = Math.rint(seconds * framesPerSecond);
    // With an edit list only part of the frames may be shown; a duration alone may be anything.
    double promised = frames > 0 ? frames : fromDuration;
    return (int)
        Math.min(seconds > 0 ? Math.min(promised, fromDuration) : promised, Integer.MAX_VALUE);
  }

  private static double value(AVRational ratio) {
    return ratio.den() == 0 ? 0 : (double) ratio.num() / ratio.den();
  }

  /** {@code [3,3]}: the container's directions for the coded frame's axes. */
  private static int[] displayMatrix(AVCodecParameters parameters) {
    int[] matrix = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    AVPacketSideData stated =
        av_packet_side_data_get(
            parameters.coded_side_data(),
            parameters.nb_coded_side_data(),
            AV_PKT_DATA_DISPLAYMATRIX);
    if (stated != null) {
      new IntPointer(stated.data()).get(matrix);
    }
    return matrix;
  }

  private static int rotation(int[] matrix) {
    // FFmpeg states by how much the frame is turned counter-clockwise for display.
    return (int) Math.floorMod(Math.round(-av_display_rotation_get(matrix) / 90), 4L) * 90;
  }

  private static boolean isMirrored(int[] matrix) {
    return (double) matrix[0] * matrix[4] < (double) matrix[1] * matrix[3];
  }
}
