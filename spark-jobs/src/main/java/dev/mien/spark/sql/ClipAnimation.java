package dev.mien.spark.sql;

import dev.mien.preprocessing.picture.Animation;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.spark.dataset.clip.StoredClip;
import dev.mien.spark.draw.ClipPictures;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;

/** Draws all frames of a clip, at its own rate, as a GIF. */
record ClipAnimation(int side) implements ClipFunction {

  @Override
  public byte[] draw(InternalRow row) {
    StoredClip clip = ClipStruct.read(row);
    int drawn = Math.min(side, clip.height());
    try (FrameDecoder decoder = new FrameDecoder()) {
      ClipPictures pictures = new ClipPictures(clip, drawn, decoder);
      List<ByteBuffer> frames =
          IntStream.range(0, clip.frames()).mapToObj(pictures::frame).toList();
      return Animation.gif(frames, drawn, ClipStruct.timestamps(row));
    }
  }
}
