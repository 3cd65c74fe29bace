package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.track.FaceSequence;
import dev.mien.preprocessing.track.Thumbnail;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Keeps a few whole frames of one track, evenly spread over it. */
final class ThumbnailCollector {
  private final FaceSequence sequence;
  private final int wanted;
  private final List<Thumbnail> thumbnails = new ArrayList<>();

  ThumbnailCollector(FaceSequence sequence, int most) {
    this.sequence = sequence;
    this.wanted = Math.min(most, sequence.frames());
  }

  boolean isDone() {
    return thumbnails.size() == wanted;
  }

  /**
   * @param index of the frame among the kept frames of the video
   * @param picture of the frame, evaluated only when it is kept
   */
  void accept(int index, Supplier<FrameShrinker.Picture> picture) {
    if (isDone()) {
      return;
    }
    int next = thumbnails.size();
    int inTrack = (int) ((2L * next + 1) * sequence.frames() / (2L * wanted));
    if (index == sequence.firstFrame() + inTrack) {
      thumbnails.add(new Thumbnail(inTrack, picture.get().jpeg(), picture.get().scale()));
    }
  }

  List<Thumbnail> thumbnails() {
    return List.copyOf(thumbnails);
  }
}
