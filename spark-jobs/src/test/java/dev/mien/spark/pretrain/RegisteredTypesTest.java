package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.run.MetricsLog;
import java.io.IOException;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Training where Kryo refuses every type that is not registered. */
public class RegisteredTypesTest extends NoiseRunsFixture {

  private static final String REQUIRED = "spark.kryo.registrationRequired";

  /** A session of its own, since making a dataset sends types of Spark SQL's. */
  @BeforeClass(dependsOnMethods = "publish")
  public void requireRegistration() {
    spark.stop();
    System.setProperty(REQUIRED, "true");
    try {
      spark = LocalSpark.open(configuration());
    } finally {
      System.clearProperty(REQUIRED);
    }
  }

  @Test
  public void roundsAndValidationsSendNoOtherTypes() throws IOException {
    assertThat(spark.sparkContext().getConf().get(REQUIRED)).isEqualTo("true");

    start("run", "training.validate-every = 2");

    assertThat(lines("run", MetricsLog.ROUND)).hasSize(6);
    assertThat(lines("run", MetricsLog.VALIDATION)).isNotEmpty();
  }
}
