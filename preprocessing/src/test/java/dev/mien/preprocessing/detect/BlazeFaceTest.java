package dev.mien.preprocessing.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;

import dev.mien.preprocessing.TestVideos;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.testng.annotations.Test;

public class BlazeFaceTest {
  @Test
  public void nothingIsLeftOfTheImageBefore() throws Exception {
    Mat frame = TestVideos.frames(TestVideos.CAP12, 1).get(0);
    Mat face = new Mat(frame, new Rect(112, 62, 192, 191)); // a row less than the model's input
    Mat white = new Mat(192, 192, CV_8UC3, new Scalar(255, 255, 255, 0));
    List<Detection> first = new ArrayList<>();
    List<Detection> afterAnother = new ArrayList<>();
    try (BlazeFace detector = BlazeFace.fullRange(1, 0.3f)) {
      detector.detect(face, Tile.whole(192, 191), first);
      detector.detect(white, Tile.whole(192, 192), new ArrayList<>());
      detector.detect(face, Tile.whole(192, 191), afterAnother);
    }
    assertThat(first).isNotEmpty();
    assertThat(afterAnother).isEqualTo(first);
  }
}
