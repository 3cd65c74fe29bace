package dev.mien.spark.sql;

import static dev.mien.spark.sql.Expressions.draw;

import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.spark.run.Checkpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The functions that draw pictures. Each takes a clip as {@code struct(*)} of the clips table's
 * columns and returns the bytes of a PNG or GIF, or null for a null clip or one that is too short
 * for a window.
 */
final class PictureFunctions {

  /** Default side; a row of {@link ContactSheet#COLUMNS} pictures fits a screen. */
  private static final int SIDE = 112;

  private static final int ANIMATION_SIDE = 224;
  private static final int LEAST_SIDE = 16;
  private static final int MOST_SIDE = 1024;
  private static final double RATIO = 0.9;

  private PictureFunctions() {}

  static List<SqlFunction<Expression>> all() {
    return List.of(
        new SqlFunction<>(
            "mien_frames",
            "(clip [, count = 8 [, side = 112]])",
            "PNG of evenly spread frames of a clip in a row, with their times. The side of a frame"
                + " is in pixels; frames are never enlarged.",
            1,
            3,
            PictureFunctions::frames),
        new SqlFunction<>(
            "mien_overlay",
            "(clip [, overlay = 'regions' [, ratio = 0.9 [, seed = 0 [, side = 112]]]])",
            "PNG of frames of a clip under their region maps ('regions'), under one of MARLIN's"
                + " masks ('fasking', 'tube', …) with this share of the tokens hidden, or both"
                + " ('regions+fasking'). A mask is drawn from the seed and the clip's id.",
            1,
            5,
            PictureFunctions::overlay),
        new SqlFunction<>(
            "mien_animation",
            "(clip [, side = 224])",
            "Animated GIF of all frames of a clip at its own rate.",
            1,
            2,
            PictureFunctions::animation),
        new SqlFunction<>(
            "mien_contact_sheet",
            "(clip [, columns = 8 [, caption [, position]]]) or (array of clips [, columns = 8])",
            "PNG of the middle frames of many clips. An aggregate, in the order of the position"
                + " where one is given; over an array, in the array's. A caption is a string, cut"
                + " to the width of a frame.",
            1,
            4,
            ContactSheets::plan),
        new SqlFunction<>(
            "mien_reconstruction",
            "(clip, checkpoint)",
            "PNG of a window of a clip in three rows: the original, what the network of the"
                + " checkpoint sees of it, and what it makes of that. The checkpoint is its folder,"
                + " or a run's, for the newest there is when the query is planned.",
            2,
            2,
            PictureFunctions::reconstruction));
  }

  static int side(Arguments arguments, int position) {
    return arguments.integer(position, "side", SIDE, LEAST_SIDE, MOST_SIDE);
  }

  static int side() {
    return SIDE;
  }

  private static Expression frames(Arguments arguments) {
    int count = arguments.integer(1, "count", ContactSheet.COLUMNS, 1, SheetFunction.MOST);
    return drawn(arguments, new FrameStrip(count, side(arguments, 2)), "timestamps");
  }

  private static Expression overlay(Arguments arguments) {
    String text = arguments.count() > 1 ? arguments.text(1, "overlay") : "regions";
    Overlay overlay =
        Overlay.parse(text)
            .orElseThrow(() -> arguments.invalid("overlay", text, "must be " + Overlay.choices()));
    return drawn(
        arguments,
        new OverlayStrip(
            overlay,
            arguments.ratio(2, RATIO, OverlayStrip.REFERENCE.model()),
            arguments.seed(3),
            side(arguments, 4)),
        "regions",
        "timestamps");
  }

  private static Expression animation(Arguments arguments) {
    int side = arguments.integer(1, "side", ANIMATION_SIDE, LEAST_SIDE, MOST_SIDE);
    return drawn(arguments, new ClipAnimation(side), "timestamps");
  }

  private static Expression reconstruction(Arguments arguments) {
    Configuration hadoop = SparkSession.active().sessionState().newHadoopConf();
    String uri = arguments.text(1, "checkpoint");
    try {
      String checkpoint = Checkpoints.resolve(hadoop, uri).toString();
      return drawn(
          arguments,
          new ReconstructionStrip(checkpoint, new SerializableConfiguration(hadoop)),
          "regions");
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private static Expression drawn(Arguments arguments, ClipFunction function, String... columns) {
    Expression clip = ClipStruct.of(arguments.function(), arguments.get(0), columns);
    return draw(ClipFunction.class, function, clip);
  }
}
