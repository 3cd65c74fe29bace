package dev.mien.spark.sql;

import static dev.mien.spark.sql.ColouredClips.SIDE;
import static dev.mien.spark.sql.ColouredClips.colour;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.mien.preprocessing.picture.ContactSheet;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.Row;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Sheets of many clips, by aggregates and of arrays. */
public class ContactSheetFunctionTest {

  private static final int BAND = ContactSheet.BAND;

  private ClipQueries clips;

  @BeforeClass
  public void writeDataset() throws IOException {
    clips = ClipQueries.open();
  }

  @AfterClass(alwaysRun = true)
  public void removeDataset() {
    clips.close();
  }

  @Test
  public void aContactSheetIsInTheOrderOfThePosition() throws IOException {
    BufferedImage sheet =
        Pixels.png(
            clips.one(
                "mien_contact_sheet(struct(*), 3, clip_id, quality.sharpness)", "frames = 40"));

    assertThat(sheet.getWidth()).isEqualTo(3 * SIDE + 2 * ContactSheet.GAP);
    assertThat(sheet.getHeight()).isEqualTo(2 * (SIDE + BAND) + ContactSheet.GAP);
    for (int i = 0; i < 5; i++) {
      assertThat(Pixels.cell(sheet, i % 3, i / 3, SIDE, BAND))
          .as("the blurriest, c4, first")
          .isEqualTo(colour(4 - i, 20));
    }
    assertThat(Pixels.cell(sheet, 2, 1, SIDE, BAND)).as("an empty place").isEqualTo(0xFFFFFF);
  }

  @Test
  public void whatIsNoClipIsPassedOver() throws IOException {
    String first =
        "(SELECT clip_id, IF(clip_id = 'c1', struct(*), NULL) AS clip FROM mien_clips('%s'))";
    Row drawn =
        clips
            .spark()
            .sql(
                ("SELECT mien_contact_sheet(clip), mien_contact_sheet(clip, 2, clip_id, clip_id),"
                        + " mien_contact_sheet(collect_list(clip)),"
                        + " mien_contact_sheet(array(NULL, max(clip))),"
                        + " count(mien_frames(clip)), count(mien_overlay(clip)),"
                        + " count(mien_animation(clip)) FROM "
                        + first)
                    .formatted(clips.dataset()))
            .first();

    for (int i = 0; i < 4; i++) {
      BufferedImage sheet = Pixels.png(drawn.getAs(i));
      assertThat(sheet.getWidth()).as("of call %d", i).isEqualTo(SIDE);
    }
    for (int i = 4; i < 7; i++) {
      assertThat(drawn.getLong(i)).isEqualTo(1);
    }
  }

  @Test
  public void aContactSheetFollowsAnOrderedQuery() throws IOException {
    byte[] bytes =
        clips
            .spark()
            .sql(
                "SELECT mien_contact_sheet(struct(*)) FROM (SELECT * FROM mien_clips('%s')"
                        .formatted(clips.dataset())
                    + " WHERE frames = 40 ORDER BY clip_id DESC LIMIT 3)")
            .first()
            .getAs(0);

    BufferedImage sheet = Pixels.png(bytes);
    assertThat(sheet.getHeight()).as("no captions").isEqualTo(SIDE);
    for (int i = 0; i < 3; i++) {
      assertThat(Pixels.cell(sheet, i, 0, SIDE, 0)).isEqualTo(colour(4 - i, 20));
    }
  }

  @Test
  public void thereIsASheetAGroup() throws IOException {
    List<Row> rows =
        clips
            .spark()
            .sql(
                "SELECT person_id, mien_contact_sheet(struct(*), 8, null, clip_id) FROM"
                    + " mien_clips('%s') GROUP BY person_id ORDER BY person_id"
                        .formatted(clips.dataset()))
            .collectAsList();

    assertThat(rows).extracting(row -> row.getString(0)).containsExactly("even", "odd");
    BufferedImage odd = Pixels.png(rows.get(1).getAs(1));
    assertThat(Pixels.cell(odd, 0, 0, SIDE, 0)).isEqualTo(colour(1, 20));
    assertThat(Pixels.cell(odd, 1, 0, SIDE, 0)).isEqualTo(colour(3, 20));
    assertThat(Pixels.cell(odd, 2, 0, SIDE, 0)).as("of 20 frames").isEqualTo(colour(5, 10));
  }

  @Test
  public void anArrayOfClipsIsASheetToo() throws IOException {
    byte[] bytes =
        clips
            .spark()
            .sql(
                "SELECT mien_contact_sheet(sort_array(collect_list(struct(*)), false), 2) FROM"
                    + " mien_clips('%s') WHERE frames = 40".formatted(clips.dataset()))
            .first()
            .getAs(0);

    BufferedImage sheet = Pixels.png(bytes);
    assertThat(sheet.getWidth()).isEqualTo(2 * SIDE + ContactSheet.GAP);
    assertThat(Pixels.cell(sheet, 0, 0, SIDE, 0)).isEqualTo(colour(4, 20));
    assertThat(Pixels.cell(sheet, 0, 2, SIDE, 0)).isEqualTo(colour(0, 20));
  }

  @Test
  public void onlyWhatIsDrawnIsRead() {
    String plan =
        clips
            .spark()
            .sql(
                "SELECT mien_contact_sheet(struct(*)) FROM mien_clips('%s')"
                    .formatted(clips.dataset()))
            .queryExecution()
            .executedPlan()
            .toString();

    assertThat(plan.lines().filter(line -> line.contains("FileScan")))
        .singleElement(STRING)
        .contains("images")
        .doesNotContain("landmarks", "regions", "fingerprint");
  }

  @Test
  public void aClipOfASheetWhoseFramesAreDamagedIsNamedByItsCaption() {
    String damaged =
        "named_struct('clip_id', clip_id, 'height', height, 'width', width, 'format', format,"
            + " 'images', transform(images, image -> binary('x')))";

    assertThatThrownBy(
            () ->
                clips.one(
                    "mien_contact_sheet(%s, 3, clip_id)".formatted(damaged), "clip_id = 'c1'"))
        .hasStackTraceContaining("Cannot decode clip c1: Invalid raw frame: 1 bytes (must be ");
  }

  @Test
  public void noClipsGiveNoSheet() {
    assertThat(clips.one("mien_contact_sheet(struct(*))", "false")).isNull();
  }

  @Test
  public void tooManyClipsForASheetAreRefused() {
    assertThatThrownBy(
            () ->
                clips
                    .spark()
                    .sql(
                        "SELECT mien_contact_sheet(struct(c.*)) FROM mien_clips('%s') c,"
                                .formatted(clips.dataset())
                            + " range(205) WHERE frames = 40")
                    .first())
        .rootCause()
        .hasMessage("Invalid contact sheet: 1025 clips (must be at most 1024: add a LIMIT)");
  }
}
