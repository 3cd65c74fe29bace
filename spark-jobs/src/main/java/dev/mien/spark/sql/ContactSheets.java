package dev.mien.spark.sql;

import dev.mien.preprocessing.picture.ContactSheet;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.sql.catalyst.expressions.ArrayTransform;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetArrayItem;
import org.apache.spark.sql.catalyst.expressions.GetArrayStructFields;
import org.apache.spark.sql.catalyst.expressions.LambdaFunction;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.NamedLambdaVariable;
import org.apache.spark.sql.catalyst.expressions.ShiftRight;
import org.apache.spark.sql.catalyst.expressions.Size;
import org.apache.spark.sql.catalyst.expressions.SortArray;
import org.apache.spark.sql.catalyst.expressions.aggregate.CollectList;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Plans sheets of many clips: Spark collects only the middle frame of each into an array that
 * {@link SheetFunction} draws.
 */
final class ContactSheets {

  private static final int MOST_COLUMNS = 64;
  private static final Literal NO_CAPTION = new Literal(null, DataTypes.StringType);

  private ContactSheets() {}

  static Expression plan(Arguments arguments) {
    int columns = arguments.integer(1, "columns", ContactSheet.COLUMNS, 1, MOST_COLUMNS);
    SheetFunction sheet = new SheetFunction(columns, PictureFunctions.side());
    Expression cells =
        arguments.get(0).dataType() instanceof ArrayType
            ? ofArray(arguments)
            : collected(arguments);
    return Expressions.draw(SheetFunction.class, sheet, cells);
  }

  private static Expression ofArray(Arguments arguments) {
    if (arguments.count() > 2) {
      throw arguments.invalid(
          "argument", arguments.get(2).sql(), "an array of clips has no captions");
    }
    Expression clips = arguments.get(0);
    ArrayType type = (ArrayType) clips.dataType();
    NamedLambdaVariable clip =
        new NamedLambdaVariable(
            "clip",
            type.elementType(),
            type.containsNull(),
            NamedExpression.newExprId(),
            new AtomicReference<>());
    Expression cell = cell(arguments.function(), clip, NO_CAPTION);
    return new ArrayTransform(
        clips, new LambdaFunction(cell, Expressions.sequence(List.of(clip)), false));
  }

  private static Expression collected(Arguments arguments) {
    Expression caption =
        arguments.count() > 2 && !arguments.get(2).dataType().sameType(DataTypes.NullType)
            ? arguments.get(2)
            : NO_CAPTION;
    if (!caption.dataType().sameType(DataTypes.StringType)) {
      throw arguments.invalid("caption", caption.sql(), "must be a string");
    }
    Expression cell = cell(arguments.function(), arguments.get(0), caption);
    if (arguments.count() < 4) {
      return collect(cell);
    }

    Expression placed =
        Expressions.unlessNull(
            cell,
            new CreateNamedStruct(
                Expressions.sequence(
                    List.of(
                        Expressions.text("position"),
                        arguments.get(3),
                        Expressions.text("cell"),
                        cell))));
    Expression sorted = new SortArray(collect(placed));
    StructType type = (StructType) placed.dataType();
    return new GetArrayStructFields(sorted, type.apply("cell"), 1, 2, false);
  }

  private static Expression collect(Expression cell) {
    return new CollectList(cell).toAggregateExpression();
  }

  /** What {@link SheetFunction} draws of a clip; null for a null clip. */
  private static Expression cell(String function, Expression clip, Expression caption) {
    Expression images = ClipStruct.field(function, clip, "images");
    Expression half = new ShiftRight(new Size(images, false), Expressions.number(1));
    return Expressions.unlessNull(
        images,
        new CreateNamedStruct(
            Expressions.sequence(
                List.of(
                    Expressions.text("image"),
                    new GetArrayItem(images, half, false),
                    Expressions.text("format"),
                    ClipStruct.field(function, clip, "format"),
                    Expressions.text("height"),
                    ClipStruct.field(function, clip, "height"),
                    Expressions.text("width"),
                    ClipStruct.field(function, clip, "width"),
                    Expressions.text("caption"),
                    caption))));
  }
}
