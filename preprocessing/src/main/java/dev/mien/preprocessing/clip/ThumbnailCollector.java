package dev.mien.preprocessing.clip;

import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import dev.mien.preprocessing.track.FaceSequence;
import dev.mien.preprocessing.track.Thumbnail;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/** Keeps a few whole frames of one track, evenly spread over it. */
final class ThumbnailCollector {
  private static final int WIDTH = 320;
  private static final int JPEG_QUALITY = 80;

  private final FaceSequence sequence;
  private final int wanted;
  private final List<Thumbnail> thumbnails = new ArrayList<>();

  ThumbnailCollector(FaceSequence sequence, int most) {
    this.sequence = sequence;
    this.wanted = Math.min(most, sequence.frames());
  }

  boolean isDone() {
    return thumbnails.size() == wanted;
  }

  /**
   * @param image the frame's pixels, asked for when it is wanted
   * @param index of the frame among the kept frames of the video
   */
  void accept(Supplier<Mat> image, int index) {
    if (isDone()) {
      return;
    }
    int next = thumbnails.size();
    int inTrack = (int) ((2L * next + 1) * sequence.frames() / (2L * wanted));
    if (index != sequence.firstFrame() + inTrack) {
      return;
    }
    Mat frame = image.get();
    double scale = Math.min(1, (double) WIDTH / frame.cols());
    try (Size size =
            new Size(
                (int) Math.round(frame.cols() * scale), (int) Math.round(frame.rows() * scale));
        Mat small = new Mat();
        FrameEncoder encoder = new FrameEncoder(JPEG_QUALITY)) {
      resize(frame, small, size, 0, 0, INTER_AREA);
      thumbnails.add(new Thumbnail(inTrack, encoder.jpeg(small), scale));
    }
  }

  List<Thumbnail> thumbnails() {
    return List.copyOf(thumbnails);
  }
}
