package dev.mien.spark.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonConfigurationKeysPublic;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class WholeUriTest {

  @DataProvider
  public Object[][] spellings() {
    String local = "file:///";
    String hdfs = "hdfs://127.0.0.1:8020";
    return new Object[][] {
      {local, "file:///data/a.mp4", "file:/data/a.mp4"},
      {local, "file:/data/a.mp4", "file:/data/a.mp4"},
      {local, "/data/16:00:00.mp4", "file:/data/16:00:00.mp4"},
      {local, "s3a://bucket/a.mp4", "s3a://bucket/a.mp4"},
      {hdfs, "hdfs:///vox/a.mp4", hdfs + "/vox/a.mp4"},
      {hdfs, "/vox/a.mp4", hdfs + "/vox/a.mp4"},
      {hdfs, "file:///data/a.mp4", "file:/data/a.mp4"},
      {local, "no:uri", "no:uri"},
    };
  }

  @Test(dataProvider = "spellings")
  public void aFileIsNamedAsDatasetsNameItHoweverItIsSpelled(
      String files, String spelled, String named) throws IOException {
    Configuration hadoop = new Configuration();
    hadoop.set(CommonConfigurationKeysPublic.FS_DEFAULT_NAME_KEY, files);

    assertThat(WholeUri.ofFile(hadoop, spelled)).isEqualTo(named);
  }
}
