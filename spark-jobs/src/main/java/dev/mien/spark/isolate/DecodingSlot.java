package dev.mien.spark.isolate;

import dev.mien.preprocessing.clip.PreprocessingOptions;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.preprocessing.clip.VideoRequest;
import dev.mien.spark.config.IsolationOptions;
import dev.mien.spark.storage.LocalFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A place for one decoding process at a time, which lives on from video to video and is replaced
 * when it died. Not thread-safe; close it.
 */
public final class DecodingSlot implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DecodingSlot.class);

  private static final AtomicInteger OPENED = new AtomicInteger();

  private final Settings settings;
  private final Path folder;
  private DecodingProcess process;

  /**
   * What the processes of a slot are started with.
   *
   * @param roots where slots may make folders of their own, dealt out in turn
   */
  public record Settings(
      PreprocessingOptions preprocessing, IsolationOptions isolation, List<Path> roots) {}

  private DecodingSlot(Settings settings, Path folder) {
    this.settings = settings;
    this.folder = folder;
  }

  /**
   * Opens a slot with a folder that no other user can read; its process starts with the first
   * video.
   */
  public static DecodingSlot open(Settings settings) {
    Path root = settings.roots().get(OPENED.getAndIncrement() % settings.roots().size());
    try {
      return new DecodingSlot(settings, Files.createTempDirectory(root, "decoding-"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder for files of the video at hand; it goes with the slot, or with its process. */
  public Path folder() {
    return folder;
  }

  /**
   * Preprocesses a video as {@link dev.mien.preprocessing.clip.VideoPreprocessor} does. A process
   * that dies is replaced; the video is tried once more when another one may have harmed the
   * process before, and is quarantined when it was the process's first, or took all of the time
   * that it may: a second try would take as much.
   *
   * @throws IOException when no process can be started, or the disk of the slot's folder is full or
   *     fails, which is no fault of the video
   */
  public VideoReport decode(VideoRequest video, ClipReceiver clips) throws IOException {
    long spent = 0;
    while (true) {
      if (process == null) {
        process = DecodingProcess.start(settings.preprocessing(), settings.isolation(), folder);
      }
      boolean isFresh = process.isFresh();
      boolean done = false;
      try {
        VideoReport report = process.decode(video, clips::accept);
        done = true;
        return report;
      } catch (IOException e) {
        throw new IOException(
            "Cannot decode %s: %s (free some of its disk, or give a larger one by %s)"
                .formatted(video.file(), e.getMessage(), LocalFolders.SETTINGS),
            e);
      } catch (DecodingDeathException death) {
        spent += death.spentNanos();
        boolean isFinal = isFresh || death.kind() == DeathKind.TOO_SLOW;
        LOG.warn(
            "{}: {}{}\n{}",
            video.file(),
            death.getMessage(),
            isFinal ? "" : " (tried again by a new process)",
            death.lastWords());
        clips.drop();
        if (isFinal) {
          return VideoReport.quarantined(death.getMessage(), spent);
        }
      } finally {
        if (!done) {
          process.kill();
          process = null;
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      if (process != null) {
        process.close();
      }
    } finally {
      process = null;
      Folders.delete(folder);
    }
  }
}
