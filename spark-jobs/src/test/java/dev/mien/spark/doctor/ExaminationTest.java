package dev.mien.spark.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.Test;

public class ExaminationTest {

  @Test
  public void gpusThatNoTaskIsGivenAreAmiss() throws IOException {
    MienConfiguration onGpus =
        MienConfiguration.load(
            Optional.of("tiny"), Optional.empty(), List.of("training.device = gpu"));
    try (SparkSession spark = LocalSpark.open(onGpus)) {
      Diagnosis diagnosis = new Examination(spark, onGpus).of(new TreeMap<>());

      assertThat(diagnosis.isWell()).isFalse();
      assertThat(diagnosis.text())
          .containsPattern(
              "failed +GPUs of tasks +Invalid training.device: gpu .must be cpu with the master"
                  + " local.2.,.*\n +-> see deploy/gpu/README.md");
    }
  }
}
