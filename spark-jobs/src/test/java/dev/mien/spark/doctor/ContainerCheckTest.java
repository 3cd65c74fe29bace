package dev.mien.spark.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.testng.annotations.Test;

public class ContainerCheckTest {

  private static final long LIMIT = 2L << 30;

  private final SparkConf yarn =
      new SparkConf(false).set("spark.master", "yarn").set("spark.executor.memory", "6g");

  @Test
  public void sparksOwnOverheadHasNoRoomForDecoding() {
    Finding finding = ContainerCheck.of(yarn, 4, LIMIT);

    assertThat(finding.found()).startsWith("614 MiB beside the heap");
    assertThat(finding.remedy()).startsWith("set spark.executor.memoryOverhead=8192m or more");
  }

  @Test
  public void whatIsGivenIsCountedInSparksOwnUnit() {
    SparkConf enough = yarn.clone().set("spark.executor.memoryOverhead", "8192");
    assertThat(ContainerCheck.of(enough, 4, LIMIT).isWell()).isTrue();
    assertThat(ContainerCheck.of(enough, 5, LIMIT).isWell()).isFalse();
  }

  @Test
  public void aStandaloneWorkerBoundsNothing() {
    assertThat(ContainerCheck.concerns(yarn)).isTrue();
    assertThat(ContainerCheck.concerns(new SparkConf(false).set("spark.master", "spark://a:7077")))
        .isFalse();
  }
}
