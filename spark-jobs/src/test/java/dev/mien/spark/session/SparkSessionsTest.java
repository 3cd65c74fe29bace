package dev.mien.spark.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.testng.annotations.Test;

public class SparkSessionsTest {

  @Test
  public void theUsersRegistratorStaysBesideMiens() {
    SparkConf conf = new SparkConf(false).set("spark.kryo.registrator", "org.example.Registrator");

    SparkSessions.messages(conf);
    SparkSessions.messages(conf);

    assertThat(conf.get("spark.kryo.registrator"))
        .isEqualTo("org.example.Registrator,dev.mien.spark.session.MienRegistrator");
  }
}
