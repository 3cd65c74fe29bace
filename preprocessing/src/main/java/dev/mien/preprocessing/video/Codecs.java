package dev.mien.preprocessing.video;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_AV1;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_HEVC;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MPEG4;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP8;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP9;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avutil.av_version_info;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.ffmpeg.avcodec.AVCodec;

/** Tells which of the usual codecs of face videos the FFmpeg on the class path can decode. */
public final class Codecs {
  private static final int[] USUAL = {
    AV_CODEC_ID_H264,
    AV_CODEC_ID_HEVC,
    AV_CODEC_ID_VP8,
    AV_CODEC_ID_VP9,
    AV_CODEC_ID_AV1,
    AV_CODEC_ID_MJPEG,
    AV_CODEC_ID_MPEG4
  };

  private Codecs() {}

  /**
   * FFmpeg's version, as in {@code 8.0.1}.
   *
   * @throws UnsatisfiedLinkError when FFmpeg cannot be loaded here
   */
  public static String ffmpegVersion() {
    return av_version_info().getString();
  }

  /** Names of the usual codecs that can be decoded. */
  public static List<String> decoded() {
    return names(true);
  }

  /** Names of the usual codecs that cannot. */
  public static List<String> missing() {
    return names(false);
  }

  private static List<String> names(boolean decoded) {
    return IntStream.of(USUAL)
        .filter(codec -> hasDecoder(codec) == decoded)
        .mapToObj(codec -> avcodec_get_name(codec).getString())
        .toList();
  }

  private static boolean hasDecoder(int codec) {
    try (AVCodec decoder = avcodec_find_decoder(codec)) {
      return decoder != null;
    }
  }
}
