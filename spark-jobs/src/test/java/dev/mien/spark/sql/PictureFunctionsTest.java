package dev.mien.spark.sql;

import static dev.mien.spark.sql.ColouredClips.FRAMES;
import static dev.mien.spark.sql.ColouredClips.SIDE;
import static dev.mien.spark.sql.ColouredClips.colour;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.Masks;
import dev.mien.model.train.TrainingState;
import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.preprocessing.picture.Drawing;
import dev.mien.preprocessing.region.Region;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifests;
import dev.mien.spark.run.Snapshots;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.apache.spark.sql.Row;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The functions as a notebook calls them: by their names in SQL. */
public class PictureFunctionsTest {

  private static final int BAND = ContactSheet.BAND;
  private static final long SEED = 7;

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
  public void framesStandInARowEvenlySpread() throws IOException {
    BufferedImage strip = Pixels.png(clips.ofClip("mien_frames(struct(*), 4)", "c1"));

    assertThat(strip.getWidth()).isEqualTo(4 * SIDE + 3 * ContactSheet.GAP);
    assertThat(strip.getHeight()).isEqualTo(SIDE + BAND);
    for (int i = 0; i < 4; i++) {
      assertThat(Pixels.cell(strip, i, 0, SIDE, BAND)).isEqualTo(colour(1, 10 * i));
    }
    assertThat(Pixels.rgb(strip, SIDE, 10)).as("between two frames").isEqualTo(0xFFFFFF);
    assertThat(dark(strip, 0, SIDE, SIDE, BAND)).as("the time below a frame").isPositive();
    assertThat(Pixels.png(clips.ofClip("mien_frames(struct(*), 2, 28)", "c1")).getWidth())
        .isEqualTo(58);
  }

  @DataProvider
  public Object[][] picturesOfOneClip() {
    return new Object[][] {
      {"mien_frames(%s)"},
      {"mien_overlay(%s)"},
      {"mien_overlay(%s, 'tube')"},
      {"mien_animation(%s)"}
    };
  }

  @Test(dataProvider = "picturesOfOneClip")
  public void aClipWhoseFramesAreDamagedIsNamed(String call) {
    String damaged =
        "named_struct('clip_id', clip_id, 'height', height, 'width', width, 'format', format,"
            + " 'images', transform(images, image -> binary('x')), 'regions', regions,"
            + " 'timestamps', timestamps)";

    assertThatThrownBy(() -> clips.ofClip(call.formatted(damaged), "c1"))
        .hasStackTraceContaining("Cannot decode clip c1: Invalid raw frame: 1 bytes (must be ");
  }

  @Test
  public void regionsTintTheFrames() throws IOException {
    BufferedImage strip = Pixels.png(clips.ofClip("mien_overlay(struct(*))", "c2"));

    assertThat(strip.getWidth()).isEqualTo(8 * SIDE + 7 * ContactSheet.GAP);
    for (int i = 0; i < 8; i++) {
      int x = i * (SIDE + ContactSheet.GAP) + 20;
      int frame = colour(2, 5 * i);
      Pixels.assertNear(Pixels.rgb(strip, x, 27), half(frame, Region.BACKGROUND), 1);
      Pixels.assertNear(Pixels.rgb(strip, x, 28), half(frame, Region.SKIN), 1);
    }
  }

  @DataProvider
  public Object[][] masks() {
    return new Object[][] {
      {"tube", MaskStrategy.TUBE, false},
      {"fasking", MaskStrategy.FASKING, false},
      {"regions+fasking-opposite", MaskStrategy.FASKING_OPPOSITE, true},
    };
  }

  @Test(dataProvider = "masks")
  public void aMaskHidesWhatTrainingHides(String overlay, MaskStrategy strategy, boolean regions)
      throws IOException {
    BufferedImage strip =
        Pixels.png(
            clips.ofClip("mien_overlay(struct(*), '%s', 0.75, %d)".formatted(overlay, SEED), "c3"));

    MarlinArchitecture marlin = MarlinArchitecture.base();
    Row clip = ColouredClips.clip("c3", 3, FRAMES);
    byte[] maps = clip.getAs(Tables.CLIPS.fieldIndex("regions"));
    byte[] window = Arrays.copyOf(maps, 16 * 56 * 56);
    byte[] visible = Masks.draw(strategy, marlin, 0.75, window, 31 * SEED + "c3".hashCode());
    for (int token = 0; token < visible.length; token++) {
      int tubelet = token / 196;
      int row = token % 196 / 14;
      int x = tubelet * (SIDE + ContactSheet.GAP) + token % 14 * 4 + 1;
      // The window of 31 frames begins at the fourth of 40; a tubelet is two steps of two frames.
      int frame = colour(3, 4 + 4 * tubelet);
      Region region = row < 7 ? Region.BACKGROUND : Region.SKIN;
      int expected = visible[token] == 0 ? 0x808080 : regions ? half(frame, region) : frame;
      Pixels.assertNear(Pixels.rgb(strip, x, row * 4 + 1), expected, 1);
    }
  }

  @Test
  public void aSeedIsTakenAsItIsWritten() {
    String overlay = "mien_overlay(struct(*), 'tube', 0.75, %s)";
    byte[] odd = clips.ofClip(overlay.formatted("9007199254740993"), "c3"); // 2^53 + 1, no double
    assertThat(odd).isNotEqualTo(clips.ofClip(overlay.formatted("9007199254740992"), "c3"));
    assertThat(clips.ofClip(overlay.formatted("7.0"), "c3"))
        .isEqualTo(clips.ofClip(overlay.formatted("7"), "c3"));
  }

  @Test
  public void aMaskFitsEverySide() throws IOException {
    byte[] strip = clips.ofClip("mien_overlay(struct(*), 'fasking', 0.9, 0, 20)", "c3");
    assertThat(Pixels.png(strip).getWidth()).isEqualTo(8 * 20 + 7 * ContactSheet.GAP);
  }

  @Test
  public void aClipTooShortForAWindowHasNoMask() {
    assertThat(clips.ofClip("mien_overlay(struct(*), 'tube')", "short")).isNull();
    assertThat(clips.ofClip("mien_overlay(struct(*), 'regions')", "short")).isNotNull();
  }

  @Test
  public void anAnimationShowsEveryFrameAtItsTime() throws IOException {
    byte[] gif = clips.ofClip("mien_animation(struct(*))", "c4");

    ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(gif))) {
      reader.setInput(in);
      assertThat(reader.getNumImages(true)).isEqualTo(FRAMES);
      for (int t = 0; t < FRAMES; t++) {
        BufferedImage image = reader.read(t);
        assertThat(image.getWidth()).isEqualTo(SIDE);
        Pixels.assertNear(Pixels.rgb(image, 30, 30), colour(4, t), 2);
        IIOMetadataNode root =
            (IIOMetadataNode) reader.getImageMetadata(t).getAsTree("javax_imageio_gif_image_1.0");
        IIOMetadataNode control =
            (IIOMetadataNode) root.getElementsByTagName("GraphicControlExtension").item(0);
        assertThat(control.getAttribute("delayTime")).as("hundredths of a second").isEqualTo("4");
      }
    } finally {
      reader.dispose();
    }
    assertThat(new String(gif, java.nio.charset.StandardCharsets.ISO_8859_1))
        .as("played again and again")
        .contains("NETSCAPE2.0");
  }

  @Test
  public void aReconstructionKeepsWhatTheNetworkSaw() throws IOException {
    MienConfiguration small =
        MienConfiguration.load(
            Optional.of("tiny"),
            Optional.empty(),
            List.of(
                "model { image = 56, patch = 14, encoder { width = 32, depth = 1, heads = 2 },"
                    + " decoder { width = 16, depth = 1, heads = 2 } }",
                "objective { mask = tube, mask-ratio = 0.5 }"));
    String run = clips.folder().resolve("run").toUri().toString();
    new Checkpoints(clips.spark().sessionState().newHadoopConf(), run)
        .write(
            Manifests.of(3, small, clips.dataset(), 1),
            Snapshots.of(TrainingState.initial(small.model(), 1)));

    BufferedImage strip =
        Pixels.png(clips.ofClip("mien_reconstruction(struct(*), '%s')".formatted(run), "c1"));

    assertThat(strip.getWidth()).isEqualTo(8 * SIDE + 7 * ContactSheet.GAP);
    assertThat(strip.getHeight()).isEqualTo(3 * SIDE + 2 * ContactSheet.GAP);
    int hidden = 0;
    for (int tubelet = 0; tubelet < 8; tubelet++) {
      for (int patch = 0; patch < 16; patch++) {
        int x = tubelet * (SIDE + ContactSheet.GAP) + patch % 4 * 14 + 7;
        int y = patch / 4 * 14 + 7;
        int original = Pixels.rgb(strip, x, y);
        int seen = Pixels.rgb(strip, x, y + SIDE + ContactSheet.GAP);
        int completed = Pixels.rgb(strip, x, y + 2 * (SIDE + ContactSheet.GAP));
        assertThat(original).isEqualTo(colour(1, 4 + 4 * tubelet));
        if (seen == original) {
          assertThat(completed).isEqualTo(original);
        } else {
          hidden++;
          assertThat(completed).as("what an untrained network makes of it").isNotEqualTo(original);
        }
      }
    }
    assertThat(hidden).isEqualTo(8 * 8);
    assertThat(clips.ofClip("mien_reconstruction(struct(*), '%s')".formatted(run), "short"))
        .isNull();
  }

  @DataProvider
  public Object[][] wrongCalls() {
    return new Object[][] {
      {"mien_frames()", "Invalid call of mien_frames with 0 arguments (must be mien_frames(clip"},
      {
        "mien_frames(clip_id)",
        "Invalid clip of mien_frames: string (must be a struct with the clip_id of the clips table:"
            + " struct(*))"
      },
      {
        "mien_frames(struct(clip_id, height, width, format))",
        "(must be a struct with the images of the clips table: struct(*))"
      },
      {
        "mien_frames(struct(*), 0)",
        "Invalid count of mien_frames: 0 (must be a whole number from 1 to 1024)"
      },
      {
        "mien_frames(struct(*), 2.5)",
        "Invalid count of mien_frames: 2.5 (must be a whole number from 1 to 1024)"
      },
      {
        "mien_overlay(struct(*), 'tube', double('nan'))",
        "Invalid ratio of mien_overlay: NaN (must be a finite number)"
      },
      {
        "mien_overlay(struct(*), 'tube', 0.9, 9223372036854775808)",
        "Invalid seed of mien_overlay: 9223372036854775808 (must be a whole number from"
      },
      {
        "mien_frames(struct(*), frames)",
        "Invalid count of mien_frames: frames (must be a constant)"
      },
      {"mien_frames(struct(*), 'two')", "Invalid count of mien_frames: two (must be a number)"},
      {
        "mien_overlay(struct(*), 'skin')",
        "Invalid overlay of mien_overlay: skin (must be regions, one of fasking, fasking-opposite,"
            + " tube, whole-tube, random, frame, or regions+ one of these)"
      },
      {"mien_overlay(struct(*), 'tube', 1)", "Invalid ratio of mien_overlay: 1 (must be in [0,1))"},
      {
        "mien_overlay(struct(*), 'tube', 0.9999)",
        "Invalid mask ratio: 0.9999 (leaves none of 1568 tokens visible)"
      },
      {
        "mien_contact_sheet(struct(*), 8, frames)",
        "Invalid caption of mien_contact_sheet: frames (must be a string)"
      },
      {
        "mien_reconstruction(struct(*), '/nowhere')",
        "No checkpoint at /nowhere (must be the folder of a run or of a checkpoint)"
      },
    };
  }

  @Test(dataProvider = "wrongCalls")
  public void aWrongCallIsExplainedBeforeAnythingIsRead(String call, String message) {
    assertThatThrownBy(
            () ->
                clips
                    .spark()
                    .sql("SELECT %s FROM mien_clips('%s')".formatted(call, clips.dataset())))
        .hasMessageContaining(message);
  }

  @Test
  public void theTablesAreThoseThatWerePublished() {
    FaceVideoDataset published = FaceVideoDataset.open(clips.spark(), clips.dataset());
    published
        .clips()
        .limit(1)
        .write()
        .format("delta")
        .mode("append")
        .save(clips.dataset() + "/clips");

    assertThat(count("mien_clips('%s')")).as("without what a killed job left").isEqualTo(6);
    assertThat(count("mien_tracks('%s')")).isZero();
    assertThat(count("mien_videos('%s')")).isEqualTo(1);
    assertThat(count("mien_clips('%s', 0)")).as("as it was created").isZero();
    assertThatThrownBy(() -> count("mien_clips('%s/nowhere')"))
        .hasMessageContaining("No Mien dataset at ");
  }

  @Test
  public void aFunctionSaysWhatItDoes() {
    List<String> described = new ArrayList<>();
    clips
        .spark()
        .sql("DESCRIBE FUNCTION mien_overlay")
        .collectAsList()
        .forEach(row -> described.add(row.getString(0)));

    assertThat(String.join("\n", described)).contains("mien_overlay(clip [, overlay = 'regions'");
  }

  private long count(String table) {
    return clips.spark().sql("SELECT * FROM " + table.formatted(clips.dataset())).count();
  }

  private static int half(int colour, Region region) {
    int tint = Drawing.colour(region);
    int mixed = 0;
    for (int shift : new int[] {0, 8, 16}) {
      mixed |= ((((colour >> shift) & 0xFF) + ((tint >> shift) & 0xFF)) / 2) << shift;
    }
    return mixed;
  }

  /** Dark pixels in a part of a picture. */
  private static int dark(BufferedImage image, int x, int y, int width, int height) {
    int count = 0;
    for (int i = 0; i < width * height; i++) {
      if ((Pixels.rgb(image, x + i % width, y + i / width) & 0xFF) < 100) {
        count++;
      }
    }
    return count;
  }
}
