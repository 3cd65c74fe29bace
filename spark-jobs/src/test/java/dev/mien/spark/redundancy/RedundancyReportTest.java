package dev.mien.spark.redundancy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.testng.annotations.Test;

public class RedundancyReportTest {

  @Test
  public void aRedundantClipIsCountedByWhereItsLeaderIsAndWhomItShows() {
    List<RankedClip> ranked =
        List.of(
            clip("p", "p1"),
            clip("p", "p1"), // within the video
            clip("p", "p2"), // across videos
            clip("q", "q1"), // across people
            clip(null, "x1"),
            clip(null, "x1"), // within the video, whoever it shows
            clip(null, "x2")); // nobody says that these two are one
    Grouping nothingAlike = new Grouping(0, new int[] {0, 1, 2, 3, 4, 5, 6}, new int[7]);
    Grouping grouped = new Grouping(1, new int[] {0, 0, 0, 0, 4, 4, 4}, new int[7]);

    assertThat(
            RedundancyReport.of(
                    7, "code", 64, ranked, List.of(nothingAlike, grouped), List.of(List.of(0, 1)))
                .levels())
        .containsExactly(
            new RedundancyReport.Level(0, 0, 0, 0, 0), new RedundancyReport.Level(1, 2, 1, 2, 2));
  }

  private static RankedClip clip(String person, String video) {
    return new RankedClip("c", video, person, 1, new long[1]);
  }
}
