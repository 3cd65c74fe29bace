package dev.mien.spark.preprocess.task;

import dev.mien.preprocessing.track.BoxUnit;
import dev.mien.preprocessing.track.ExpectedFace;
import dev.mien.spark.preprocess.listing.VideoLabels;
import dev.mien.spark.storage.Reading;
import dev.mien.spark.storage.Sha256;
import dev.mien.spark.video.UnreadableVideoException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * VoxCeleb's boxes, {@code <root>/<person>/<video>/<utterance>.txt}: lines about the utterance, an
 * empty one, {@code FRAME X Y W H} and a line of these a frame, by tabs. Frames are those of the
 * whole video at 25 a second. x and y are the upper left corner; integers are pixels of a video 360
 * high (VoxCeleb1), numbers with a point are shares of the frame (VoxCeleb2).
 *
 * @param root null when there are none
 */
record BoxTree(String root) implements Serializable {

  static final String MISSING = "no boxes";
  static final String MALFORMED = "malformed boxes";

  private static final double FRAMES_PER_SECOND = 25;

  /** The largest file that is read; a day of frames takes a tenth of it. */
  private static final int MAXIMUM_BYTES = 64 << 20;

  /**
   * Where the person's face in a video is expected.
   *
   * @param fingerprint sha256 of the files that say so, in hex; empty when there are none, and null
   *     when none were looked for
   * @param problems of the files, each a short stable phrase, with ": " before any detail
   */
  record Expectation(List<ExpectedFace> faces, String fingerprint, List<String> problems) {

    /** Of a video for which no boxes were looked for. */
    static final Expectation NONE = new Expectation(List.of(), null, List.of());
  }

  /**
   * Reads the boxes of a video: for an utterance its own, from its first frame on; for a whole
   * video those of all its utterances. A file that cannot be used is a problem, and the video goes
   * on without it.
   *
   * @throws UnreadableVideoException when storage does not give a file that may be there: without
   *     it everybody in the video would be taken for the person
   */
  Expectation of(VideoLabels labels, Configuration hadoop) throws UnreadableVideoException {
    if (root == null || labels.person() == null || labels.sourceVideo() == null) {
      return Expectation.NONE;
    }

    Extent extent = labels.utterance() == null ? Extent.WHOLE : Extent.UTTERANCE;
    List<ExpectedFace> faces = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    // A list may call a person anything, which must not lead out of the root.
    if (!isName(labels.person()) || !isName(labels.sourceVideo())) {
      problems.add(
          "%s: '%s/%s' is no <person>/<video>"
              .formatted(MISSING, labels.person(), labels.sourceVideo()));
      return new Expectation(faces, "", problems);
    }

    // In one string: by itself Hadoop takes a name with a colon for a URI.
    String folder = root + "/" + labels.person() + "/" + labels.sourceVideo();
    MessageDigest digest = Sha256.begin();
    try {
      for (Path file : files(new Path(folder), labels.utterance(), hadoop)) {
        try {
          String text = read(file, hadoop);
          faces.add(parse(text, extent));
          digest.update(text.getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
          problems.add(MALFORMED + ": " + file.getName() + ", " + e.getMessage());
        }
      }
    } catch (FileNotFoundException e) {
      problems.add(MISSING);
    } catch (IOException e) {
      throw new UnreadableVideoException("boxes in " + folder, e);
    } catch (IllegalArgumentException e) {
      problems.add("unreadable boxes: " + e.getMessage());
    }
    return new Expectation(faces, faces.isEmpty() ? "" : Sha256.hex(digest), problems);
  }

  /** How much a video has of the one that the boxes were made for. */
  enum Extent {
    WHOLE,
    /** The part that begins with the first frame that the boxes name. */
    UTTERANCE
  }

  /**
   * Reads one file.
   *
   * @throws IllegalArgumentException naming the line that is not as it should be
   */
  static ExpectedFace parse(String text, Extent extent) {
    List<String> lines = text.lines().toList();
    int header = 0;
    while (header < lines.size() && !lines.get(header).startsWith("FRAME")) {
      header++;
    }
    if (header == lines.size()) {
      throw new IllegalArgumentException("has no line FRAME X Y W H");
    }
    List<String> rows =
        lines.subList(header + 1, lines.size()).stream().filter(row -> !row.isBlank()).toList();

    int[] frames = new int[rows.size()];
    float[] boxes = new float[4 * rows.size()];
    for (int i = 0; i < rows.size(); i++) {
      String[] parts = rows.get(i).strip().split("\\s+", -1);
      try {
        if (parts.length != 5) {
          throw new NumberFormatException();
        }
        frames[i] = Integer.parseInt(parts[0]);
        for (int side = 0; side < 4; side++) {
          boxes[4 * i + side] = Float.parseFloat(parts[1 + side]);
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "row %d is '%s' (must be FRAME X Y W H)".formatted(i + 1, shortened(rows.get(i))));
      }
    }

    int first =
        switch (extent) {
          case WHOLE -> 0;
          case UTTERANCE -> frames.length > 0 ? frames[0] : 0;
        };
    double[] seconds =
        Arrays.stream(frames).mapToDouble(frame -> (frame - first) / FRAMES_PER_SECOND).toArray();
    boolean areShares = rows.stream().anyMatch(row -> row.contains("."));
    return new ExpectedFace(
        seconds, boxes, areShares ? BoxUnit.FRAME_SHARES : BoxUnit.PIXELS_OF_360_HIGH);
  }

  private static boolean isName(String part) {
    return !part.isEmpty() && !part.contains("/") && !part.equals(".") && !part.equals("..");
  }

  private static List<Path> files(Path folder, String utterance, Configuration hadoop)
      throws IOException {
    if (utterance != null) {
      return List.of(new Path(folder + "/" + utterance + ".txt"));
    }
    return Arrays.stream(folder.getFileSystem(hadoop).listStatus(folder))
        .map(FileStatus::getPath)
        .filter(file -> file.getName().endsWith(".txt"))
        .sorted()
        .toList();
  }

  private static String read(Path file, Configuration hadoop) throws IOException {
    byte[] bytes =
        Reading.read(
            file,
            () -> {
              try (InputStream in = file.getFileSystem(hadoop).open(file)) {
                return in.readNBytes(MAXIMUM_BYTES + 1);
              }
            });
    if (bytes.length > MAXIMUM_BYTES) {
      throw new IllegalArgumentException("is larger than " + MAXIMUM_BYTES + " bytes");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String shortened(String row) {
    return row.length() <= 40 ? row : row.substring(0, 40) + "…";
  }
}
