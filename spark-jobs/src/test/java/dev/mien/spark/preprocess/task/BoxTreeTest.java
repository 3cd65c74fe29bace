package dev.mien.spark.preprocess.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.preprocessing.track.BoxUnit;
import dev.mien.preprocessing.track.ExpectedFace;
import dev.mien.spark.preprocess.listing.VideoLabels;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.preprocess.task.BoxTree.Expectation;
import dev.mien.spark.preprocess.task.BoxTree.Extent;
import dev.mien.spark.video.UnreadableVideoException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class BoxTreeTest {

  private static final String VOXCELEB1 =
      """
      Identity  : \tid10001
      Reference : \t1zcIwhmdeo4
      Offset    : \t1
      FV Conf   : \t24.189\t(1)
      ASD Conf  : \t5.842

      FRAME \tX \tY \tW \tH
      000250 \t226 \t44 \t112 \t112
      000251 \t227 \t45 \t112 \t113
      """;

  private static final String VOXCELEB2 =
      """
      Identity  : \tid00012
      Reference : \t21Uxsk56VDQ
      Offset    : \t-3
      FV Conf   : \t17.894\t(1)
      ASD Conf  : \t4.502

      FRAME \tX \tY \tW \tH
      000025 \t0.308 \t0.124 \t0.201 \t0.357
      000026 \t0.310 \t0.125 \t0.201 \t0.357
      000030 \t0.312 \t0.125 \t0.201 \t0.357
      """;

  private final Configuration hadoop = new Configuration();
  private Path root;

  @BeforeMethod
  public void makeFolder() throws IOException {
    root = Files.createTempDirectory("boxes");
  }

  @Test
  public void aWholeVideosBoxesAreAtTheirFramesAt25ASecond() {
    ExpectedFace face = BoxTree.parse(VOXCELEB1, Extent.WHOLE);

    assertThat(face.seconds()).containsExactly(10.0, 10.04);
    assertThat(face.boxes()).containsExactly(226, 44, 112, 112, 227, 45, 112, 113);
    assertThat(face.unit()).isEqualTo(BoxUnit.PIXELS_OF_360_HIGH);
  }

  @Test
  public void anUtterancesBoxesBeginWithIt() {
    ExpectedFace face = BoxTree.parse(VOXCELEB2, Extent.UTTERANCE);

    assertThat(face.seconds()).containsExactly(0.0, 0.04, 0.2);
    assertThat(face.boxes()).startsWith(0.308f, 0.124f, 0.201f, 0.357f);
    assertThat(face.unit()).isEqualTo(BoxUnit.FRAME_SHARES);
  }

  @DataProvider
  public Object[][] malformed() {
    return new Object[][] {
      {"", "has no line FRAME X Y W H"},
      {VOXCELEB1 + "000252 \t227 \t45\n", "row 3 is '000252 \t227 \t45' (must be FRAME X Y W H)"},
      {VOXCELEB1 + "000252 \tleft \t45 \t1 \t1\n", "row 3 is "},
      {VOXCELEB1 + "000251 \t227 \t45 \t112 \t112\n", "Invalid times"},
      {VOXCELEB1 + "000252 \t227 \t45 \t0 \t112\n", "Invalid box"},
      {VOXCELEB1.substring(0, VOXCELEB1.indexOf("000250")), "Invalid expected face: 0 times"},
    };
  }

  @Test(dataProvider = "malformed")
  public void whatIsMalformedIsSaid(String text, String message) {
    assertThatThrownBy(() -> BoxTree.parse(text, Extent.WHOLE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  public void aWholeVideoHasTheBoxesOfAllItsUtterances() throws IOException {
    write("id00012/21Uxsk56VDQ/00001.txt", VOXCELEB2);
    write("id00012/21Uxsk56VDQ/00002.txt", VOXCELEB2.replace("0000", "0100"));
    write("id00012/21Uxsk56VDQ/00003.txt", "torn");
    write("id00012/another/00001.txt", VOXCELEB2);

    Expectation whole = of("file:/x/id00012/21Uxsk56VDQ.mp4");
    assertThat(whole.faces()).hasSize(2);
    assertThat(whole.faces().get(1).seconds()[0]).isEqualTo(401.0);
    assertThat(whole.problems())
        .containsExactly("malformed boxes: 00003.txt, has no line FRAME X Y W H");

    Expectation utterance = of("file:/x/id00012/21Uxsk56VDQ/00002.mp4");
    assertThat(utterance.faces()).hasSize(1);
    assertThat(utterance.faces().get(0).seconds()[0]).isZero();
    assertThat(utterance.problems()).isEmpty();

    assertThat(of("file:/x/id00012/21Uxsk56VDQ/00004.mp4").problems()).containsExactly("no boxes");
    assertThat(of("file:/x/holiday.mp4")).isEqualTo(Expectation.NONE);
  }

  @DataProvider
  public Object[][] oddPeople() {
    return new Object[][] {{"../outside"}, {".."}, {"."}, {""}, {"a/../../outside"}};
  }

  @Test(dataProvider = "oddPeople")
  public void aPersonThatIsNoNameOfAFolderHasNoBoxes(String person) throws IOException {
    root = Files.createDirectories(root.resolve("boxes"));
    write("../outside/video/00001.txt", VOXCELEB2);
    write("../video/00001.txt", VOXCELEB2);
    write("video/00001.txt", VOXCELEB2);

    assertThat(ofPerson(person))
        .isEqualTo(
            new Expectation(
                List.of(), "", List.of("no boxes: '" + person + "/video' is no <person>/<video>")));
  }

  @Test
  public void aPersonWithAColonHasTheirBoxes() throws IOException {
    assertThat(ofPerson("imdb:nm001").problems()).containsExactly("no boxes");

    write("imdb:nm001/video/00001.txt", VOXCELEB2);
    assertThat(ofPerson("imdb:nm001").faces()).hasSize(1);
  }

  @Test
  public void boxesThatStorageDoesNotGiveAreNotMissing() throws IOException {
    write("id00012/video/00001.txt", VOXCELEB2);
    hadoop.set("fs.busy.impl", BusyFiles.class.getName());
    BoxTree tree = new BoxTree("busy://" + root);

    assertThatThrownBy(() -> tree.of(new VideoLabels("id00012", null, "video", "00001"), hadoop))
        .isInstanceOf(UnreadableVideoException.class)
        .hasMessage("cannot be read: boxes in busy://%s/id00012/video: 503 Slow Down", root);
    assertThat(tree.of(new VideoLabels("id00012", null, "another", null), hadoop).problems())
        .containsExactly("no boxes");
  }

  /** Files of this machine under {@code busy:}, of which none can be opened now. */
  public static final class BusyFiles extends RawLocalFileSystem {

    @Override
    public URI getUri() {
      return URI.create("busy:///");
    }

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize)
        throws IOException {
      throw new IOException("503 Slow Down");
    }
  }

  private Expectation ofPerson(String person) throws IOException {
    return new BoxTree(root.toUri().toString())
        .of(new VideoLabels(person, null, "video", "00001"), hadoop);
  }

  private Expectation of(String uri) throws IOException {
    return new BoxTree(root.toUri().toString()).of(new VideoSource(uri, 1, 1).labels(), hadoop);
  }

  private void write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
