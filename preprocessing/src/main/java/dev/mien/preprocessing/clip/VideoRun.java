package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.track.Track;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** What is known so far about a video that is being preprocessed. */
final class VideoRun {
  final LongStream.Builder micros = LongStream.builder();
  final Map<String, Integer> dropped = new TreeMap<>();
  final List<String> notices = new ArrayList<>();
  VideoProbe probe;
  int framesDecoded;
  List<Track> tracks = List.of();
  long decodeNanos;
  long detectNanos;
  long landmarkNanos;
  long thumbnailNanos;

  private final ClipCutter cutter;

  VideoRun(ClipCutter cutter) {
    this.cutter = cutter;
  }

  VideoReport report(Outcome outcome, String reason) {
    return new VideoReport(
        outcome,
        reason,
        probe,
        framesDecoded,
        tracks,
        dropped,
        notices,
        new StageTimes(
            decodeNanos,
            detectNanos,
            landmarkNanos,
            cutter.cropNanos(),
            cutter.regionNanos(),
            cutter.encodeNanos() + thumbnailNanos));
  }
}
