package dev.mien.spark.preprocess.task;

import dev.mien.preprocessing.clip.Clip;
import dev.mien.preprocessing.clip.StageTimes;
import dev.mien.preprocessing.clip.VideoProbe;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.preprocessing.track.FaceQuality;
import dev.mien.preprocessing.track.Thumbnail;
import dev.mien.preprocessing.track.Track;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.preprocess.task.Artefact.Kind;
import dev.mien.spark.preprocess.task.BoxTree.Expectation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import scala.Tuple2;
import scala.collection.immutable.Map;
import scala.collection.immutable.Map$;

/** The results of preprocessing one video, as rows of {@link dev.mien.spark.dataset.Tables}. */
record ArtefactRows(
    VideoSource source,
    String videoId,
    String contentHash,
    String pipeline,
    Expectation expectation) {

  private static final double NANOS = 1e-9;

  Artefact video(VideoReport report, int clips, long clipBytes) {
    VideoProbe probe = report.probe();
    boolean opened = probe != null;
    return new Artefact(
        Kind.VIDEO,
        source.uri(),
        RowFactory.create(
            videoId,
            source.uri(),
            source.size(),
            source.modified(),
            contentHash,
            source.labels().person(),
            source.labels().split(),
            source.labels().sourceVideo(),
            source.labels().utterance(),
            opened ? probe.width() : null,
            opened ? probe.height() : null,
            opened ? probe.framesPerSecond() : null,
            opened ? probe.seconds() : null,
            opened ? probe.codec() : null,
            opened ? probe.rotation() : null,
            opened ? probe.framesPromised() : null,
            report.framesDecoded(),
            report.tracks().size(),
            clips,
            clipBytes,
            report.outcome().name().toLowerCase(Locale.ROOT),
            report.reason(),
            scalaMap(report.dropped()),
            Stream.of(source.rowProblems(), expectation.problems(), report.notices())
                .flatMap(List::stream)
                .toArray(),
            pipeline,
            expectation.fingerprint(),
            times(report.times())));
  }

  Artefact track(Track track) {
    long[] timestamps = track.timestampsMicros();
    return new Artefact(
        Kind.TRACK,
        source.uri(),
        RowFactory.create(
            track.trackId(),
            videoId,
            source.labels().person(),
            track.shot(),
            track.firstFrame(),
            timestamps.length,
            timestamps[0],
            timestamps[timestamps.length - 1],
            timestamps,
            track.boxes(),
            track.scores(),
            track.thumbnails().stream().map(ArtefactRows::thumbnail).toArray(),
            quality(track.quality())));
  }

  Artefact clip(Clip clip) {
    return new Artefact(
        Kind.CLIP,
        source.uri(),
        RowFactory.create(
            clip.clipId(),
            clip.trackId(),
            videoId,
            source.labels().person(),
            source.labels().split(),
            clip.indexInTrack(),
            clip.frames(),
            clip.height(),
            clip.width(),
            clip.framesPerSecond(),
            clip.timestampsMicros(),
            clip.format().text(),
            clip.images().toArray(),
            clip.regions(),
            littleEndian(clip.landmarks()),
            quality(clip.quality()),
            clip.fingerprint()));
  }

  private static Row thumbnail(Thumbnail thumbnail) {
    return RowFactory.create(thumbnail.frame(), thumbnail.jpeg(), thumbnail.scale());
  }

  private static Row quality(FaceQuality quality) {
    return RowFactory.create(
        quality.score(),
        quality.presence(),
        quality.landmarkShare(),
        quality.faceSide(),
        quality.sharpness(),
        quality.brightness(),
        quality.motion(),
        quality.yaw(),
        quality.pitch(),
        quality.roll());
  }

  private static Row times(StageTimes times) {
    return RowFactory.create(
        times.decodeNanos() * NANOS,
        times.detectNanos() * NANOS,
        times.landmarkNanos() * NANOS,
        times.cropNanos() * NANOS,
        times.regionNanos() * NANOS,
        times.encodeNanos() * NANOS);
  }

  @SuppressWarnings("unchecked") // Scala 2.13 leaves the empty map's types out
  private static Map<String, Integer> scalaMap(java.util.Map<String, Integer> counts) {
    Map<String, Integer> result = Map$.MODULE$.empty(); // the only map that Spark takes in a row
    for (java.util.Map.Entry<String, Integer> count : counts.entrySet()) {
      result = result.$plus(new Tuple2<>(count.getKey(), count.getValue()));
    }
    return result;
  }

  private static byte[] littleEndian(short[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Short.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().put(values);
    return bytes.array();
  }
}
