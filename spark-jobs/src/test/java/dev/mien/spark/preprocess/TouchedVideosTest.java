package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.preprocess.PlannedVideo.Change;
import dev.mien.spark.preprocess.listing.VideoSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.testng.annotations.Test;

public class TouchedVideosTest {

  @Test
  public void aKilledJobReadsAgainWhatItsTasksReadInMinutes() {
    assertThat(cut(1, 30, 30, 4, 1, 60)).containsExactly(3, 2);
    assertThat(cut(2, 30, 30, 4, 1, 60)).as("as many bytes a task").containsExactly(5);
    assertThat(cut(1, 100, 100, 1)).as("whatever is larger is one").containsExactly(1, 1, 1);
    assertThat(cut(1)).isEmpty();
  }

  private static List<Integer> cut(int tasks, long... gibibytes) {
    List<PlannedVideo> left =
        Arrays.stream(gibibytes)
            .mapToObj(size -> new VideoSource("/v/" + size, size << 30, 1))
            .map(source -> new PlannedVideo(source, Change.CHANGED, 0, "hash"))
            .toList();
    List<Integer> sizes = new ArrayList<>();
    while (!left.isEmpty()) {
      sizes.add(TouchedVideos.first(left, tasks).size());
      left = left.subList(sizes.get(sizes.size() - 1), left.size());
    }
    return sizes;
  }
}
