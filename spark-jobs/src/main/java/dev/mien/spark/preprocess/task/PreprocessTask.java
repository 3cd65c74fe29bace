package dev.mien.spark.preprocess.task;

import dev.mien.preprocessing.clip.Clip;
import dev.mien.preprocessing.clip.Outcome;
import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.preprocessing.clip.VideoRequest;
import dev.mien.spark.config.IsolationOptions;
import dev.mien.spark.isolate.ClipReceiver;
import dev.mien.spark.isolate.DecodingSlot;
import dev.mien.spark.isolate.TooLargeException;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.resident.Residents;
import dev.mien.spark.video.DecodingSlots;
import dev.mien.spark.video.LocalVideo;
import dev.mien.spark.video.UnreadableVideoException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/** Preprocesses videos one at a time into rows of the three tables. */
public final class PreprocessTask implements FlatMapFunction<Iterator<VideoSource>, Artefact> {

  private static final long serialVersionUID = 1L;

  private final Broadcast<PreprocessingOptions> options;
  private final Broadcast<IsolationOptions> isolation;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final BoxTree boxes;
  private final LongAccumulator done;

  /**
   * A task to be sent to executors.
   *
   * @param boxes the folder of VoxCeleb's boxes, see {@link BoxTree}
   * @param done counts the videos that are done
   */
  public PreprocessTask(
      Broadcast<PreprocessingOptions> options,
      Broadcast<IsolationOptions> isolation,
      Broadcast<SerializableConfiguration> hadoop,
      Optional<String> boxes,
      LongAccumulator done) {
    this.options = options;
    this.isolation = isolation;
    this.hadoop = hadoop;
    this.boxes = new BoxTree(boxes.orElse(null));
    this.done = done;
  }

  @Override
  public Iterator<Artefact> call(Iterator<VideoSource> videos) {
    ArtefactsOfVideos artefacts =
        new ArtefactsOfVideos(DecodingSlots.borrow(options.value(), isolation.value()), videos);
    TaskContext.get()
        .addTaskCompletionListener((TaskCompletionListener) context -> artefacts.close());
    return artefacts;
  }

  /** The artefacts of videos: works on a video when the artefacts of the one before are taken. */
  private final class ArtefactsOfVideos implements Iterator<Artefact>, AutoCloseable {

    private final Residents<DecodingSlot.Settings, DecodingSlot>.Lease slot;
    private final Iterator<VideoSource> videos;
    private Iterator<Artefact> artefacts = Collections.emptyIterator();
    private ArtefactSpill spill;
    private boolean isOver;

    private ArtefactsOfVideos(
        Residents<DecodingSlot.Settings, DecodingSlot>.Lease slot, Iterator<VideoSource> videos) {
      this.slot = slot;
      this.videos = videos;
    }

    @Override
    public boolean hasNext() {
      while (!artefacts.hasNext() && videos.hasNext()) {
        closeSpill();
        process(videos.next());
        done.add(1);
      }
      if (!artefacts.hasNext() && !isOver) {
        // Now, and not with the task: it may compute several partitions, one after another.
        slot.keep();
        close();
      }
      return artefacts.hasNext();
    }

    @Override
    public Artefact next() {
      return artefacts.next();
    }

    @Override
    public void close() {
      if (!isOver) {
        isOver = true;
        artefacts = Collections.emptyIterator();
        try {
          closeSpill();
        } finally {
          slot.close(); // or its process would outlive the task
        }
      }
    }

    private void openSpill() throws IOException {
      spill = new ArtefactSpill(slot.thing().folder());
    }

    private void closeSpill() {
      if (spill != null) {
        spill.close();
      }
    }

    private void process(VideoSource source) {
      try {
        openSpill();
        try (LocalVideo video =
            LocalVideo.fetch(source.uri(), hadoop.value().value(), slot.thing().folder())) {
          process(source, video);
        } catch (UnreadableVideoException e) {
          spill.write(Artefact.unread(source, options.value().fingerprint(), e.getMessage()));
        }
        artefacts = spill.read();
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot preprocess " + source.uri(), e);
      }
    }

    private void process(VideoSource source, LocalVideo video) throws IOException {
      BoxTree.Expectation expectation = boxes.of(source.namesInTrees(), hadoop.value().value());
      ArtefactRows rows =
          new ArtefactRows(
              source,
              video.videoId(),
              video.contentHash(),
              options.value().fingerprint(),
              expectation);
      SpilledClips clips = new SpilledClips(rows);
      VideoReport report =
          decode(new VideoRequest(video.file(), rows.videoId(), expectation.faces()), clips);

      if (report.outcome() == Outcome.PROCESSED) {
        report.tracks().forEach(track -> spill.write(rows.track(track)));
      } else {
        // Clips may have come before the video broke: they go with it.
        clips.drop();
      }
      spill.write(rows.video(report, clips.count, clips.bytes));
    }

    private VideoReport decode(VideoRequest request, SpilledClips clips) throws IOException {
      try {
        return slot.thing().decode(request, clips);
      } catch (TooLargeException e) {
        return VideoReport.quarantined(e.getMessage());
      }
    }

    /** Writes the clips of one video to the spill, as rows. */
    private final class SpilledClips implements ClipReceiver {

      private final ArtefactRows rows;
      private int count;
      private long bytes;

      private SpilledClips(ArtefactRows rows) {
        this.rows = rows;
      }

      @Override
      public void accept(Clip clip) {
        spill.write(rows.clip(clip));
        spill.requireRoom();
        count++;
        clip.images().forEach(image -> bytes += image.length);
      }

      @Override
      public void drop() {
        try {
          closeSpill();
          openSpill();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        count = 0;
        bytes = 0;
      }
    }
  }
}
