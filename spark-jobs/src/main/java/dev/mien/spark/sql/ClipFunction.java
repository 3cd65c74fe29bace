package dev.mien.spark.sql;

import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;

/** Draws a clip. It is sent to executors in the plan of a query, whose generated code calls it. */
@FunctionalInterface
public interface ClipFunction extends Serializable {

  /**
   * Draws a picture of a clip.
   *
   * @param clip with the layout of {@link ClipStruct}
   * @return PNG or GIF, or null when the clip is too short
   */
  byte[] draw(InternalRow clip);
}
