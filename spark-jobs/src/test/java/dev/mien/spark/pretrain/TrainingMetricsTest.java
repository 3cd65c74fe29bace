package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.testng.annotations.Test;

public class TrainingMetricsTest {

  private static final String SINK = "spark.metrics.conf.*.sink.prometheusServlet.";

  @Test
  public void sparksPrometheusPageShowsTheLastFigures() throws Exception {
    SparkConf conf =
        new SparkConf()
            .setMaster("local[1]")
            .setAppName("metrics")
            .set("spark.ui.enabled", "true")
            .set("spark.ui.port", "0")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.driver.bindAddress", "127.0.0.1")
            .set(SINK + "class", "org.apache.spark.metrics.sink.PrometheusServlet")
            .set(SINK + "path", "/metrics/prometheus");
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      String page = context.sc().uiWebUrl().get() + "/metrics/prometheus/";
      try (TrainingMetrics metrics = TrainingMetrics.start()) {
        metrics.show(Map.of("kind", "round", "round", 11L, "loss", 0.5));
        metrics.show(Map.of("kind", "round", "round", 12L, "loss", 0.25));

        assertThat(get(page))
            .containsPattern("_driver_mien_round_round_Value\\{[^}]*\\} 12.0")
            .containsPattern("_driver_mien_round_loss_Value\\{[^}]*\\} 0.25");
      }
      assertThat(get(page)).doesNotContain("mien");
    }
  }

  private static String get(String page) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(page)).build(), BodyHandlers.ofString())
        .body();
  }
}
