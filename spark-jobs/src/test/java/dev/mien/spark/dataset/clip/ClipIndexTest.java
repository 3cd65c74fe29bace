package dev.mien.spark.dataset.clip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.dataset.DatasetFixture;
import dev.mien.spark.dataset.FaceVideoDataset;
import java.io.IOException;
import org.testng.annotations.Test;

public class ClipIndexTest extends DatasetFixture {

  @Test
  public void theIndexFindsEachClipInItsRowGroup() throws IOException {
    FaceVideoDataset dataset = publish(first(), "b", "c");

    ClipIndex index = ClipIndex.read(spark, dataset);

    assertThat(index.clips())
        .extracting(ClipEntry::clipId)
        .containsExactlyInAnyOrder("a-c", "b-c", "c-c");
    for (ClipEntry entry : index.clips()) {
      StoredClip clip =
          RowGroupReader.read(spark.sessionState().newHadoopConf(), entry.location().rowGroup())
              .get(entry.location().row());
      assertThat(clip.clipId()).isEqualTo(entry.clipId());
      assertThat(clip.images()).hasSize(2);
      assertThat(clip.images().get(1)).containsExactly(4, 5);
    }
  }
}
