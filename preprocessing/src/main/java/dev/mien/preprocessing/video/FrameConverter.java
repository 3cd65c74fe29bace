package dev.mien.preprocessing.video;

import static org.bytedeco.ffmpeg.avutil.AVFrame.AV_FRAME_FLAG_INTERLACED;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT2020_CL;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT2020_NCL;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_SMPTE240M;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_ARIB_STD_B67;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_SMPTE2084;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BITEXACT;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_BT2020;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU601;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU709;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_SMPTE240M;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.ROTATE_180;
import static org.bytedeco.opencv.global.opencv_core.ROTATE_90_COUNTERCLOCKWISE;
import static org.bytedeco.opencv.global.opencv_core.rotate;
import static org.bytedeco.opencv.global.opencv_core.transpose;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Converts decoded frames of any format to BGR images of one size, and turns them upright, which in
 * large frames costs more than everything else here. Colours follow the matrix that the frame names
 * (BT.601 if it names none). Frames of another size, to which some streams change, or with pixels
 * that are not square are scaled. Of an interlaced frame only the top field is taken and stretched:
 * in the other one, filmed earlier or later, moving things are elsewhere. Tones are not mapped:
 * high dynamic range (HLG, PQ) comes out pale, and is named in the notices. Close it.
 */
final class FrameConverter implements AutoCloseable {
  // Accurate rounding would rule out the vectorised conversion and halve the speed of decoding.
  private static final int FLAGS = SWS_BILINEAR | SWS_BITEXACT;
  // The vectorised conversion writes groups of pixels, past the end of a row of odd width.
  private static final int ROW_PIXELS = 32;
  private static final int UNITY = 1 << 16;
  private static final int PLANES = 4;
  // Codecs for which FFmpeg returns each field as a frame that is still marked as interlaced.
  private static final Set<String> CODECS_OF_SINGLE_FIELDS = Set.of("hevc", "vvc");
  private static final String ONE_FIELD = "interlaced: one field of each frame is kept";

  private final int rotation;
  private final boolean hasFramesOfTwoFields;
  private final Mat padded;
  private final Mat image;
  private final Mat upright = new Mat();
  private final PointerPointer<BytePointer> planes;
  private final IntPointer strides;
  private final IntPointer fieldStrides = new IntPointer((long) PLANES);
  private final Set<String> notices = new LinkedHashSet<>();
  private SwsContext context;
  private Source source;

  FrameConverter(StreamFacts facts) {
    rotation = facts.rotation();
    hasFramesOfTwoFields = !CODECS_OF_SINGLE_FIELDS.contains(facts.codec());
    int row = (facts.width() + ROW_PIXELS - 1) / ROW_PIXELS * ROW_PIXELS;
    padded = new Mat(facts.height(), row, CV_8UC3);
    image = padded.colRange(0, facts.width());
    // A quarter turn is a transposition of the frame upside down, which needs no pass of its own.
    boolean isUpsideDown = facts.isMirrored() != (rotation == 90);
    int stride = (int) padded.step();
    BytePointer first = padded.ptr(isUpsideDown ? facts.height() - 1 : 0);
    planes = new PointerPointer<>(first, null, null, null); // for the four planes that are read
    strides = new IntPointer(isUpsideDown ? -stride : stride, 0, 0, 0);
  }

  /**
   * Converts a frame to {@code [H,W]} BGR uint8, turned by any number of quarters of a circle;
   * valid until the next call.
   */
  Mat convert(AVFrame frame) {
    boolean isInterlaced = hasFramesOfTwoFields && (frame.flags() & AV_FRAME_FLAG_INTERLACED) != 0;
    int height = isInterlaced ? (frame.height() + 1) / 2 : frame.height();
    configure(frame, height);
    noticeTones(frame.color_trc());
    IntPointer sourceStrides = isInterlaced ? fieldStrides(frame) : frame.linesize();
    int rows = sws_scale(context, frame.data(), sourceStrides, 0, height, planes, strides);
    if (rows < 0) {
      throw new IllegalStateException(
          "Cannot convert a frame to BGR: %s (%s)".formatted(Container.words(rows), source));
    }
    return image;
  }

  /**
   * The frame converted last, {@code [H,W]} BGR uint8, upright; valid until the next one is
   * converted.
   */
  Mat turn() {
    switch (rotation) {
      case 90 -> transpose(image, upright);
      case 180 -> rotate(image, upright, ROTATE_180);
      case 270 -> rotate(image, upright, ROTATE_90_COUNTERCLOCKWISE);
      default -> {
        return image;
      }
    }
    return upright;
  }

  /** Strides over two rows of each plane: rows of chroma alternate between the fields, too. */
  private IntPointer fieldStrides(AVFrame frame) {
    notices.add(ONE_FIELD);
    for (int i = 0; i < PLANES; i++) {
      fieldStrides.put(i, 2 * frame.linesize(i));
    }
    return fieldStrides;
  }

  private void noticeTones(int transfer) {
    switch (transfer) {
      case AVCOL_TRC_SMPTE2084 -> notices.add("high dynamic range (PQ): tones are not mapped");
      case AVCOL_TRC_ARIB_STD_B67 -> notices.add("high dynamic range (HLG): tones are not mapped");
      default -> {}
    }
  }

  /** Properties of the converted frames that were not kept: short stable phrases. */
  List<String> notices() {
    return List.copyOf(notices);
  }

  private void configure(AVFrame frame, int height) {
    Source wanted =
        new Source(
            frame.width(),
            height,
            frame.format(),
            matrix(frame.colorspace()),
            frame.color_range() == AVCOL_RANGE_JPEG ? 1 : 0);
    if (wanted.equals(source)) {
      return;
    }
    sws_freeContext(context);
    context =
        sws_getContext(
            wanted.width,
            wanted.height,
            wanted.format,
            image.cols(),
            image.rows(),
            AV_PIX_FMT_BGR24,
            FLAGS,
            null,
            null,
            (DoublePointer) null);
    if (context == null) {
      throw new IllegalStateException("Cannot convert frames to BGR: " + wanted);
    }
    IntPointer coefficients = sws_getCoefficients(wanted.matrix);
    sws_setColorspaceDetails(
        context, coefficients, wanted.fullRange, coefficients, 1, 0, UNITY, UNITY);
    source = wanted;
  }

  private record Source(int width, int height, int format, int matrix, int fullRange) {}

  private static int matrix(int colourSpace) {
    if (colourSpace == AVCOL_SPC_BT709) {
      return SWS_CS_ITU709;
    }
    if (colourSpace == AVCOL_SPC_SMPTE240M) {
      return SWS_CS_SMPTE240M;
    }
    boolean isBt2020 = colourSpace == AVCOL_SPC_BT2020_NCL || colourSpace == AVCOL_SPC_BT2020_CL;
    return isBt2020 ? SWS_CS_BT2020 : SWS_CS_ITU601;
  }

  @Override
  public void close() {
    sws_freeContext(context);
    context = null;
    upright.close();
    image.close();
    padded.close();
    planes.close();
    strides.close();
    fieldStrides.close();
  }
}
