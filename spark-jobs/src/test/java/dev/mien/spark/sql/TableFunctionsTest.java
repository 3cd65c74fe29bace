package dev.mien.spark.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.dataset.TestDatasets;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Some clips of many, as a notebook asks for them. */
public class TableFunctionsTest {

  private ClipQueries clips;

  @BeforeClass
  public void writeDataset() throws IOException {
    clips = ClipQueries.open();
  }

  @AfterClass(alwaysRun = true)
  public void removeDataset() {
    clips.close();
  }

  @DataProvider
  public Object[][] ids() {
    return new Object[][] {
      {"array('c3', 'c1')", List.of("c1", "c3")},
      {"array('c1', 'c9', NULL, 'c1')", List.of("c1")},
      {"array('c9')", List.of()},
      {"array(NULL)", List.of()},
      {"array()", List.of()},
      {"split('c0,short', ',')", List.of("c0", "short")},
    };
  }

  @Test(dataProvider = "ids")
  public void anIdGivesItsClipIfThereIsOne(String ids, List<String> expected) {
    Dataset<Row> chosen = chosen("'%s', %s".formatted(uri(), ids));

    assertThat(chosen.schema().fieldNames()).isEqualTo(Tables.CLIPS.fieldNames());
    assertThat(chosen.collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  public void onlyTheShardsThatHaveTheClipsAreRead() {
    Dataset<Row> all = clips.spark().sql("SELECT * FROM mien_clips('%s')".formatted(uri()));

    assertThat(all.inputFiles()).hasSizeGreaterThan(1);
    assertThat(chosen("'%s', array('c2')".formatted(uri())).inputFiles()).hasSize(1);
  }

  @Test
  public void aSheetOfChosenClipsIsInTheOrderOfThePosition() throws IOException {
    Row drawn =
        clips
            .spark()
            .sql(
                "SELECT mien_contact_sheet(struct(*), 3, NULL, array_position(:ids, clip_id))"
                    + " FROM mien_clips_of(:uri, :ids)",
                Map.of("uri", uri(), "ids", new String[] {"c4", "c0", "c2"}))
            .first();

    BufferedImage sheet = Pixels.png(drawn.getAs(0));
    List<Integer> numbers = List.of(4, 0, 2);
    for (int i = 0; i < 3; i++) {
      assertThat(Pixels.cell(sheet, i, 0, ColouredClips.SIDE, 0))
          .isEqualTo(ColouredClips.colour(numbers.get(i), 20));
    }
  }

  @Test
  public void urisAndIdsMayHaveQuotes() throws IOException {
    String uri = clips.folder().resolve("O'Brien's").toUri().toString();
    FaceVideoDataset empty = TestDatasets.empty(clips.spark(), uri);
    Row clip = ColouredClips.clip("O'Brien-t000", 1, 1);
    FaceVideoDataset published =
        empty.publish(
            empty.videos(),
            empty.tracks(),
            clips.spark().createDataFrame(List.of(clip), Tables.CLIPS));

    Map<String, Object> values =
        Map.of(
            "uri",
            uri,
            "ids",
            new String[] {"O'Brien-t000"},
            "version",
            (int) published.version().videos());
    String query = "SELECT clip_id FROM mien_clips_of(:uri, :ids, :version)";
    assertThat(clips.spark().sql(query, values).first().getString(0)).isEqualTo("O'Brien-t000");
    assertThat(clips.spark().sql(query.replace(":version", "0"), values).collectAsList())
        .as("of the version in which it was created")
        .isEmpty();
  }

  @DataProvider
  public Object[][] wrongCalls() {
    return new Object[][] {
      {"'%s'", "Invalid call of mien_clips_of with 1 arguments (must be mien_clips_of(uri, ids"},
      {"'%s', 'c1'", "Invalid ids of mien_clips_of: c1 (must be an array of strings)"},
      {"'%s', NULL", "Invalid ids of mien_clips_of: null (must be an array of strings)"},
      {"'%s', array(1)", "Invalid ids of mien_clips_of: [1] (must be an array of strings)"},
      {"'%s', array('c1'), -1", "Invalid version of mien_clips_of: -1 (must be a whole number"},
      {"'%s/nowhere', array('c1')", "No Mien dataset at "},
    };
  }

  @Test(dataProvider = "wrongCalls")
  public void aWrongCallIsExplained(String arguments, String message) {
    assertThatThrownBy(() -> chosen(arguments.formatted(uri()))).hasMessageContaining(message);
  }

  private Dataset<Row> chosen(String arguments) {
    return clips.spark().sql("SELECT * FROM mien_clips_of(" + arguments + ")");
  }

  private String uri() {
    return clips.dataset();
  }
}
