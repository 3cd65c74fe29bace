package dev.mien.spark.preprocess.listing;

import static org.assertj.core.api.Assertions.assertThat;

import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class VideoLabelsTest {

  @DataProvider
  public Object[][] paths() {
    return new Object[][] {
      {
        "file:/data/dev/mp4/id08683/rEqIovR31-4/00241.mp4", "id08683", "dev", "rEqIovR31-4", "00241"
      },
      {
        "s3a://vox/test/mp4/id00017/5MkXgwdrmJw/00001.mp4",
        "id00017",
        "test",
        "5MkXgwdrmJw",
        "00001"
      },
      {"hdfs://n/vox1/dev/id10001/1zcIwhmdeo4/1.mp4", "id10001", "dev", "1zcIwhmdeo4", "1"},
      {"file:/data/id00012/a.b/1.mp4", "id00012", null, "a.b", "1"},
      {"file:/data/id00012/21Uxsk56VDQ.mp4", "id00012", null, "21Uxsk56VDQ", null},
      {"file:/dev/videos/holiday.mp4", null, null, null, null},
      {"file:/data/id00012/a/b/1.mp4", null, null, null, null},
    };
  }

  @Test(dataProvider = "paths")
  public void pathsAreReadAsVoxCelebLaysThemOut(
      String uri, String person, String split, String video, String utterance) {
    assertThat(VideoLabels.ofPath(uri)).isEqualTo(new VideoLabels(person, split, video, utterance));
  }

  @Test
  public void aListsPersonIsNotTheFolderOfBoxes() {
    String uri = "file:/data/dev/mp4/id00012/21Uxsk56VDQ/00001.mp4";
    VideoSource listed = new VideoSource(uri, 1, 1, VideoLabels.said("Jane", null));

    assertThat(listed.orLabelledByPath().labels().person()).isEqualTo("Jane");
    assertThat(listed.orLabelledByPath().namesInTrees().person()).isEqualTo("id00012");
    assertThat(new VideoSource("file:/data/a.mp4", 1, 1, listed.labels()).namesInTrees().person())
        .isEqualTo("Jane");
  }
}
