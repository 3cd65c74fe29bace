package dev.mien.preprocessing.clip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.preprocessing.TestVideos;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.opencv.opencv_core.Mat;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What of a picture is not kept is said in the video's report. */
public class PictureNoticesTest extends PreprocessorFixture {
  private static final int FRAMES = 20;

  private List<Mat> faces;

  @BeforeClass
  public void readFaces() throws Exception {
    faces = TestVideos.frames(TestVideos.CAP12, FRAMES);
  }

  @Test
  public void nothingIsSaidOfAnOrdinaryPicture() throws Exception {
    assertThat(notices("ordinary.mkv", recorder -> {})).isEmpty();
  }

  @Test
  public void oneFieldIsKept() throws Exception {
    List<String> notices =
        notices(
            "fields.ts",
            recorder -> {
              recorder.setVideoCodecName("mpeg2video");
              recorder.setVideoOption("flags", "+ildct+ilme");
            });
    assertThat(notices).containsExactly("interlaced: one field of each frame is kept");
  }

  @DataProvider
  public Object[][] transfers() {
    return new Object[][] {{"smpte2084", "PQ"}, {"arib-std-b67", "HLG"}};
  }

  @Test(dataProvider = "transfers")
  public void tonesAreNotMapped(String transfer, String name) throws Exception {
    List<String> notices =
        notices(transfer + ".mkv", recorder -> recorder.setVideoOption("color_trc", transfer));
    assertThat(notices).containsExactly("high dynamic range (" + name + "): tones are not mapped");
  }

  private List<String> notices(String name, Consumer<FFmpegFrameRecorder> settings)
      throws Exception {
    long[] times = new long[FRAMES];
    for (int i = 0; i < FRAMES; i++) {
      times[i] = 40_000L * i;
    }
    Path file = TestVideos.writeAt(folder.resolve(name), faces, times, 0, settings);
    VideoReport report = process(file);
    assertThat(report.reason()).isEmpty();
    assertThat(clips).hasSize(1);
    return report.notices();
  }
}
