package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.preprocess.PlannedVideo.Change;
import dev.mien.spark.preprocess.listing.VideoSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.testng.annotations.Test;

public class TaskListTest {

  @Test
  public void tasksAreBalancedByLengthWithLongVideosAloneAndFirst() {
    List<PlannedVideo> videos = new ArrayList<>();
    videos.add(video("hour", 3600));
    videos.add(video("half-hour", 1800));
    IntStream.range(0, 1000).forEach(i -> videos.add(video("short-%04d".formatted(i), 8)));

    List<List<PlannedVideo>> tasks = TaskList.balance(videos, Costs.GUESSED, 4);

    assertThat(tasks.get(0)).extracting(video -> video.source().uri()).containsExactly("hour");
    assertThat(tasks.get(1)).extracting(video -> video.source().uri()).containsExactly("half-hour");
    assertThat(tasks.stream().mapToInt(List::size).sum()).isEqualTo(1002);
    // 14.4 thousand seconds over 32 tasks are 452 a task; two of them are single videos
    assertThat(tasks).hasSize(32);
    assertThat(tasks.subList(2, 32)).allSatisfy(task -> assertThat(task).hasSizeBetween(33, 34));
  }

  @Test
  public void aFewVideosUseAllCoresAndManySmallFilesFewTasks() {
    assertThat(TaskList.balance(List.of(video("a", 5), video("b", 5)), Costs.GUESSED, 2))
        .hasSize(2);

    List<PlannedVideo> empty =
        IntStream.range(0, 10_000).mapToObj(i -> video("empty-" + i, 0)).toList();
    assertThat(TaskList.balance(empty, Costs.GUESSED, 2)).hasSize(16);
    assertThat(TaskList.balance(empty, Costs.GUESSED, 1000)).hasSize(1000);
    assertThat(TaskList.balance(List.of(), Costs.GUESSED, 4)).isEmpty();
  }

  @Test
  public void executorsThatComeLaterFindTasksToTake() {
    List<PlannedVideo> night = IntStream.range(0, 10_000).mapToObj(i -> video("v" + i, 8)).toList();

    List<List<PlannedVideo>> tasks = TaskList.balance(night, Costs.GUESSED, 2);

    // 25 hours of video, in tasks of a quarter of an hour
    assertThat(tasks).hasSize(100).allSatisfy(task -> assertThat(task).hasSize(100));
  }

  @Test
  public void theOrderOfTheVideosDoesNotMatter() {
    List<PlannedVideo> videos = new ArrayList<>();
    IntStream.range(0, 100).forEach(i -> videos.add(video("v" + i, i % 7)));
    List<List<PlannedVideo>> tasks = TaskList.balance(videos, Costs.GUESSED, 3);

    Collections.shuffle(videos, new Random(3));

    assertThat(TaskList.balance(videos, Costs.GUESSED, 3))
        .as("shuffled by seed 3")
        .isEqualTo(tasks);
    Map<String, Integer> seen = new HashMap<>();
    tasks.forEach(task -> task.forEach(video -> seen.merge(video.source().uri(), 1, Integer::sum)));
    assertThat(seen).hasSize(100).allSatisfy((uri, times) -> assertThat(times).isEqualTo(1));
  }

  private static PlannedVideo video(String uri, double seconds) {
    return new PlannedVideo(new VideoSource(uri, 0, 2), Change.NEW, seconds, null);
  }
}
