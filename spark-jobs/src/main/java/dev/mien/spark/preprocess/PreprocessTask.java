package dev.mien.spark.preprocess;

import dev.mien.preprocessing.clip.Outcome;
import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.StageTimes;
import dev.mien.preprocessing.clip.VideoPreprocessor;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.preprocessing.clip.VideoRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/** Videos in, rows for the three tables out, a video at a time. */
final class PreprocessTask implements FlatMapFunction<Iterator<VideoSource>, Artefact> {

  private static final long serialVersionUID = 1L;
  private static final int ID_DIGITS = 16;

  private final Broadcast<PreprocessingOptions> options;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final LongAccumulator done;

  PreprocessTask(
      Broadcast<PreprocessingOptions> options,
      Broadcast<SerializableConfiguration> hadoop,
      LongAccumulator done) {
    this.options = options;
    this.hadoop = hadoop;
    this.done = done;
  }

  @Override
  public Iterator<Artefact> call(Iterator<VideoSource> videos) {
    ArtefactsOfVideos artefacts =
        new ArtefactsOfVideos(VideoPreprocessor.open(options.value()), videos);
    TaskContext.get()
        .addTaskCompletionListener((TaskCompletionListener) context -> artefacts.close());
    return artefacts;
  }

  /** Works on a video when what the one before gave is taken. */
  private final class ArtefactsOfVideos implements Iterator<Artefact>, AutoCloseable {

    private final VideoPreprocessor preprocessor;
    private final Iterator<VideoSource> videos;
    private Iterator<Artefact> artefacts = Collections.emptyIterator();
    private ArtefactSpill spill;

    private ArtefactsOfVideos(VideoPreprocessor preprocessor, Iterator<VideoSource> videos) {
      this.preprocessor = preprocessor;
      this.videos = videos;
    }

    @Override
    public boolean hasNext() {
      while (!artefacts.hasNext() && videos.hasNext()) {
        closeSpill();
        process(videos.next());
        done.add(1);
      }
      return artefacts.hasNext();
    }

    @Override
    public Artefact next() {
      return artefacts.next();
    }

    @Override
    public void close() {
      closeSpill();
      preprocessor.close();
    }

    private void closeSpill() {
      if (spill != null) {
        spill.close();
      }
    }

    private void process(VideoSource source) {
      try {
        spill = new ArtefactSpill();
        try (LocalVideo video = LocalVideo.fetch(source, hadoop.value().value())) {
          process(source, video);
        } catch (UnreadableVideoException e) {
          spill.write(rows(source, "").video(unreadable(e), 0, 0));
        }
        artefacts = spill.read();
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot preprocess " + source.uri(), e);
      }
    }

    private void process(VideoSource source, LocalVideo video) throws IOException {
      ArtefactRows rows = rows(source, video.contentHash());
      AtomicInteger clips = new AtomicInteger();
      AtomicLong clipBytes = new AtomicLong();

      VideoReport report =
          preprocessor.process(
              new VideoRequest(video.file(), rows.videoId(), List.of()),
              clip -> {
                spill.write(rows.clip(clip));
                clips.incrementAndGet();
                clip.images().forEach(image -> clipBytes.addAndGet(image.length));
              });

      if (report.outcome() == Outcome.PROCESSED) {
        report.tracks().forEach(track -> spill.write(rows.track(track)));
        spill.write(rows.video(report, clips.get(), clipBytes.get()));
      } else {
        // Clips may have come before the video broke: they go with it.
        spill.close();
        spill = new ArtefactSpill();
        spill.write(rows.video(report, 0, 0));
      }
    }

    private ArtefactRows rows(VideoSource source, String contentHash) {
      return new ArtefactRows(
          source,
          contentHash.isEmpty() ? "unreadable" : contentHash.substring(0, ID_DIGITS),
          contentHash,
          options.value().fingerprint(),
          VoxCelebLayout.of(source.uri()));
    }

    private static VideoReport unreadable(UnreadableVideoException e) {
      return new VideoReport(
          Outcome.QUARANTINED,
          "cannot be read: " + e.getMessage(),
          null,
          0,
          List.of(),
          Map.of(),
          new StageTimes(0, 0, 0, 0, 0, 0));
    }
  }
}
