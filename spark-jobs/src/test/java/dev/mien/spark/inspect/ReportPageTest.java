package dev.mien.spark.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.spark.inspect.Report.EmbeddedClip;
import dev.mien.spark.inspect.Report.EmbeddingMap;
import dev.mien.spark.inspect.Report.Fact;
import dev.mien.spark.inspect.Report.Figure;
import dev.mien.spark.inspect.Report.Histogram;
import dev.mien.spark.inspect.Report.LegendEntry;
import dev.mien.spark.inspect.Report.OutcomeCount;
import dev.mien.spark.inspect.Report.Picture;
import dev.mien.spark.inspect.Report.Redundancy;
import dev.mien.spark.inspect.Report.RedundancyLevel;
import dev.mien.spark.inspect.Report.Sheet;
import dev.mien.spark.inspect.Report.Strip;
import dev.mien.spark.inspect.Report.TrainingCurves;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.testng.annotations.Test;

public class ReportPageTest {

  private static final String HOSTILE = "id1</script><script>alert('\"&1\")</script>";
  private static final Pattern SCRIPT =
      Pattern.compile(
          "<script( type=\"application/json\" id=\"data\")?>(.*?)</script>", Pattern.DOTALL);
  private static final List<String> SECTIONS =
      List.of(
          "outcomes",
          "videos",
          "clips",
          "quality",
          "redundancy",
          "training",
          "reconstructions",
          "embeddings",
          "provenance");

  @Test
  public void everythingThereIsShown() {
    String page = render(full("id1"));

    assertThat(sections(page)).containsExactlyElementsOf(SECTIONS);
    for (String section : SECTIONS) {
      assertThat(page).contains("<a href=\"#" + section + "\">");
    }
    assertThat(page)
        .contains("<dt>clips</dt><dd>1,234</dd>")
        .contains("<img src=\"data:image/jpeg;base64,AQID\"")
        .contains("<figcaption>0.4 s</figcaption>")
        .contains("<i style=\"background:#e6194b\"></i>right eye")
        .contains("no face found")
        .contains("the masked tokens of clips it did not train on with");
    JsonObject data = data(page);
    assertThat(data.getAsJsonArray("quality").get(0).getAsJsonObject().get("low").getAsDouble())
        .isEqualTo(-1.5);
    assertThat(data.getAsJsonObject("training").getAsJsonArray("trainingLoss").toString())
        .isEqualTo("[[1.0,0.08],[2.0,0.06]]");
  }

  @Test
  public void whatThereIsNotIsLeftOut() {
    String page = render(empty());

    assertThat(sections(page)).containsExactly("provenance");
    assertThat(page).doesNotContain("<h2>Training", "href=\"#videos\"", "href=\"#embeddings\"");
    assertThat(data(page).has("training")).isFalse();
  }

  @Test
  public void namesFromTheTablesCannotBecomeMarkup() {
    String page = render(full(HOSTILE));

    assertThat(scripts(page)).hasSize(3);
    assertThat(page).doesNotContain("<script>alert");
    JsonObject clip =
        data(page).getAsJsonObject("embeddings").getAsJsonArray("clips").get(0).getAsJsonObject();
    assertThat(clip.get("person").getAsString()).isEqualTo(HOSTILE);
  }

  @Test
  public void onlyThePagesOwnScriptsMayRun() throws Exception {
    String page = render(full("id1"));

    StringBuilder policy = new StringBuilder("script-src");
    for (MatchResult script : scripts(page)) {
      if (script.group(1) == null) {
        byte[] digest =
            MessageDigest.getInstance("SHA-256")
                .digest(script.group(2).getBytes(StandardCharsets.UTF_8));
        policy.append(" 'sha256-").append(Base64.getEncoder().encodeToString(digest)).append("'");
      }
    }
    assertThat(page).contains("default-src 'none'; img-src data:").contains(policy + ";");
  }

  @Test
  public void nothingIsFetched() {
    String page = render(full("id1"));

    String withoutCharts = page.replace(scripts(page).get(1).group(), "");
    assertThat(withoutCharts).hasSizeLessThan(page.length() - 100_000);
    assertThat(withoutCharts)
        .doesNotContainPattern("https?://|url\\(|@import|<link|<iframe|(src|href)=\"(?!data:|#)");
  }

  private static Report full(String person) {
    Sheet sheet =
        new Sheet(
            person + "-t000",
            person + " · 2 frames",
            List.of(new Strip("frames", List.of(Picture.jpeg(new byte[] {1, 2, 3}, "0.4 s")))));
    return new Report(
        person,
        "file:/data/" + person,
        List.of(new Figure("1,234", "clips")),
        List.of(
            new OutcomeCount("processed", "", 3, 75),
            new OutcomeCount("rejected", "no face found: " + person, 1, 25)),
        List.of(sheet, sheet),
        List.of(sheet),
        List.of(new LegendEntry("right eye", "#e6194b")),
        List.of(new Histogram("yaw", "degrees", -1.5, 0.5, List.of(1L, 0L, 4L))),
        Optional.of(
            new Redundancy(
                person, List.of(new RedundancyLevel(26, 3, 30, 1, 1, 1)), List.of(sheet))),
        Optional.of(
            new TrainingCurves(
                List.of(new double[] {1, 0.08}, new double[] {2, 0.06}),
                List.of(new double[] {2, 0.07}),
                List.of(new double[] {1, 1e-4}),
                List.of(new double[] {1, 5.5}),
                "2 rounds")),
        List.of(sheet),
        "clips it did not train on",
        Optional.of(
            new EmbeddingMap(
                List.of(new EmbeddedClip(0.5, -1, "c0", "t0", "v0", person, 0)),
                List.of(0.6, 0.2),
                "1 embedding")),
        List.of(new Fact("Dataset", person)),
        List.of(new Fact("Configuration", "{\"a\": \"" + person + "\"}")));
  }

  private static Report empty() {
    return new Report(
        "nothing",
        "file:/data/nothing",
        List.of(new Figure("0", "videos")),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        "",
        Optional.empty(),
        List.of(new Fact("Dataset", "file:/data/nothing")),
        List.of());
  }

  private static String render(Report report) {
    StringWriter out = new StringWriter();
    ReportPage.render(report, out);
    return out.toString();
  }

  private static List<String> sections(String page) {
    return Pattern.compile("<section id=\"(.*?)\">")
        .matcher(page)
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  /** In the page's order: the charts' data, the charts' library, the page's own. */
  private static List<MatchResult> scripts(String page) {
    return SCRIPT.matcher(page).results().toList();
  }

  private static JsonObject data(String page) {
    return JsonParser.parseString(scripts(page).get(0).group(2)).getAsJsonObject();
  }
}
