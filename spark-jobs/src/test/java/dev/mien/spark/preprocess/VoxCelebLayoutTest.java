package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;

import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class VoxCelebLayoutTest {

  @DataProvider
  public Object[][] paths() {
    return new Object[][] {
      {"file:/data/dev/mp4/id08683/rEqIovR31-4/00241.mp4", "id08683", "dev"},
      {"s3a://vox/test/mp4/id00017/5MkXgwdrmJw/00001.mp4", "id00017", "test"},
      {"hdfs://n/vox1/dev/id10001/x/1.mp4", "id10001", "dev"},
      {"file:/data/id00012/x/1.mp4", "id00012", null},
      {"file:/dev/videos/holiday.mp4", null, null},
      {"file:/data/id00012/1.mp4", null, null},
    };
  }

  @Test(dataProvider = "paths")
  public void pathsAreReadAsVoxCelebLaysThemOut(String uri, String person, String split) {
    assertThat(VoxCelebLayout.of(uri)).isEqualTo(new VoxCelebLayout(person, split));
  }
}
