package dev.mien.preprocessing.clip;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.video.UnsupportedVideoException;
import java.util.List;
import org.testng.annotations.Test;

public class OpenClipTest {

  private static final int FRAMES = 8;

  @Test
  public void aClipLargerThanAMessageIsRefusedWithWhatToChange() throws Exception {
    // Four such frames are as large as a clip may be, to the byte.
    int most = PreprocessingOptions.MOST_CLIP_BYTES / 4 - PreprocessingOptions.FRAME_BYTES;
    try (OpenClip clip = open()) {
      byte[] image = new byte[most];
      for (int frame = 0; frame < 4; frame++) {
        clip.add(40_000L * frame, image);
      }

      assertThatThrownBy(() -> clip.add(160_000, new byte[0]))
          .isInstanceOf(UnsupportedVideoException.class)
          .hasMessage(
              "clip too large: more than 256 MiB in 5 of its 8 frames (lower preprocessing.clip.maximum-frames)");
    }
  }

  private static OpenClip open() {
    ClipPlan plan = new ClipPlan("v-t000", 0, null, 0, FRAMES, List.of(), null);
    return new OpenClip(plan, FrameFormat.JPEG);
  }
}
