package dev.mien.spark.embed;

import dev.mien.preprocessing.clip.Clip;
import dev.mien.preprocessing.clip.Outcome;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.preprocessing.clip.VideoRequest;
import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.clip.StoredClip;
import dev.mien.spark.isolate.ClipReceiver;
import dev.mien.spark.isolate.DecodingSlot;
import dev.mien.spark.isolate.TooLargeException;
import dev.mien.spark.video.DecodingSlots;
import dev.mien.spark.video.LocalVideo;
import dev.mien.spark.video.UnreadableVideoException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Embeds rows that hold the URI of a video: adds the video's outcome and its embedded windows.
 * Faces are found and followed as the preprocessing job does by default, in a process whose death
 * costs only that video, and clips have the ids that they would have in the tables.
 */
final class EmbedVideos implements MapPartitionsFunction<Row, Row> {

  static final StructType WINDOW =
      new StructType()
          .add("clip", DataTypes.StringType, false)
          .add("first_frame", DataTypes.IntegerType, false)
          .add("timestamp_micros", DataTypes.LongType, false)
          .add("embedding", DataTypes.createArrayType(DataTypes.FloatType, false), false);

  static final StructType VIDEO =
      new StructType()
          .add("outcome", DataTypes.StringType, false)
          .add("reason", DataTypes.StringType, false)
          .add("windows", DataTypes.createArrayType(WINDOW, false), false);

  /**
   * The largest size of a video's embeddings: a row of Spark's has room for 2 GiB, and is copied on
   * its way.
   */
  private static final long MOST_BYTES = 512L << 20;

  private static final long serialVersionUID = 1L;

  private final ResidentEncoder resident;
  private final int column;
  private final EmbeddingOptions options;

  EmbedVideos(ResidentEncoder resident, int column, EmbeddingOptions options) {
    this.resident = resident;
    this.column = column;
    this.options = options;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    var encoder = resident.borrow();
    MienConfiguration defaults =
        MienConfiguration.load(Optional.empty(), Optional.empty(), List.of());
    var slot = DecodingSlots.borrow(defaults.preprocessing(), defaults.isolation());
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> slot.close());
    // Whatever a video does, its process is replaced if necessary.
    slot.keep();
    return AddedColumn.of(
        rows,
        row -> embed(slot.thing(), encoder.thing(), row.getString(column)),
        () -> {
          slot.close();
          encoder.close();
        });
  }

  private Row embed(DecodingSlot slot, ClipEncoder encoder, String uri) {
    EmbeddedWindows windows = new EmbeddedWindows(encoder);
    try (LocalVideo video = LocalVideo.fetch(uri, resident.hadoop().value(), slot.folder())) {
      VideoReport report =
          slot.decode(new VideoRequest(video.file(), video.videoId(), List.of()), windows);
      if (report.outcome() != Outcome.PROCESSED) {
        windows.drop();
      }
      windows.batch.embed();
      return video(report.outcome(), report.reason(), windows.rows);
    } catch (TooLargeException e) {
      return video(Outcome.REJECTED, e.getMessage(), List.of());
    } catch (UnreadableVideoException e) {
      return video(Outcome.QUARANTINED, e.getMessage(), List.of());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot embed " + uri, e);
    }
  }

  /** Embeds the windows of one video's clips. */
  private final class EmbeddedWindows implements ClipReceiver {

    private final ClipEncoder encoder;
    private final WindowBatch batch;
    private final List<Row> rows = new ArrayList<>();
    private long bytes;

    private EmbeddedWindows(ClipEncoder encoder) {
      this.encoder = encoder;
      this.batch = new WindowBatch(encoder, options.output());
    }

    @Override
    public void accept(Clip clip) {
      StoredClip stored =
          new StoredClip(clip.clipId(), clip.height(), clip.width(), clip.format(), clip.images());
      long[] timestamps = clip.timestampsMicros();
      for (ClipEncoder.Window window : encoder.windows(stored, options)) {
        int first = window.firstFrame();
        batch.add(
            window,
            embedding -> {
              requireRoom(embedding);
              rows.add(RowFactory.create(clip.clipId(), first, timestamps[first], embedding));
            });
      }
    }

    private void requireRoom(float... embedding) {
      bytes += (long) Float.BYTES * embedding.length;
      if (bytes > MOST_BYTES) {
        throw new TooLargeException(
            "embeddings too large for a row: more than %d MiB (embed shorter parts, or by output ="
                    .formatted(MOST_BYTES >> 20)
                + " pooled)");
      }
    }

    @Override
    public void drop() {
      bytes = 0;
      rows.clear();
      batch.clear();
    }
  }

  private static Row video(Outcome outcome, String reason, List<Row> windows) {
    return RowFactory.create(outcome.name().toLowerCase(Locale.ROOT), reason, windows.toArray());
  }
}
