package dev.mien.spark.sql;

import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;

/** Draws a clip. Travels to the executors in the plan of a query, whose code calls it. */
@FunctionalInterface
public interface ClipFunction extends Serializable {

  /**
   * A picture of a clip.
   *
   * @param clip as {@link ClipStruct} lays it out
   * @return PNG or GIF, or null when the clip is too short for what is asked
   */
  byte[] draw(InternalRow clip);
}
