package dev.mien.spark.inspect;

import com.google.gson.Gson;
import com.samskivert.mustache.Mustache;
import dev.mien.spark.inspect.Report.EmbeddingMap;
import dev.mien.spark.inspect.Report.Histogram;
import dev.mien.spark.inspect.Report.Redundancy;
import dev.mien.spark.inspect.Report.TrainingCurves;
import dev.mien.spark.storage.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * Renders a report as one self-contained HTML page: styles, scripts, the charts' data and the
 * pictures are in it, and its content security policy lets a browser load nothing and run no other
 * script. Text from the tables is escaped.
 */
final class ReportPage {

  private static final String ECHARTS =
      "/META-INF/resources/webjars/echarts/5.5.0/echarts.common.min.js";

  /**
   * What the template reads. The template knows only lists, so an optional is a list of one element
   * or none. The policy lets only scripts with these hashes run.
   */
  private record Page(
      Report report,
      List<Redundancy> duplicates,
      List<TrainingCurves> curves,
      List<EmbeddingMap> maps,
      String data,
      String styles,
      String charts,
      String chartsHash,
      String script,
      String scriptHash) {}

  /** The data of the charts. */
  private record ChartData(
      List<Histogram> quality, TrainingCurves training, EmbeddingMap embeddings) {}

  private ReportPage() {}

  static void render(Report report, Writer out) {
    String charts = resource(ECHARTS);
    String script = resource("report.js");
    Page page =
        new Page(
            report,
            report.redundancy().stream().toList(),
            report.training().stream().toList(),
            report.embeddings().stream().toList(),
            data(report),
            resource("report.css"),
            charts,
            sha256(charts),
            script,
            sha256(script));
    Mustache.compiler()
        .strictSections(true)
        .withLoader(ReportPage::template)
        .compile(resource("report.mustache"))
        .execute(page, out);
  }

  /** The data as JSON; Gson escapes what could end the script element around it. */
  private static String data(Report report) {
    return new Gson()
        .toJson(
            new ChartData(
                report.quality(),
                report.training().orElse(null),
                report.embeddings().orElse(null)));
  }

  private static Reader template(String name) {
    return new StringReader(resource(name + ".mustache"));
  }

  private static String resource(String name) {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("Not on the class path: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + name, e);
    }
  }

  private static String sha256(String script) {
    byte[] digest = Sha256.begin().digest(script.getBytes(StandardCharsets.UTF_8));
    return "sha256-" + Base64.getEncoder().encodeToString(digest);
  }
}
