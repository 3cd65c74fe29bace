package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.track.FaceQuality;
import java.util.List;

/**
 * Consecutive face crops of one track, {@code [T,H,W,3]}, with their region maps.
 *
 * @param clipId the track's id, "-c" and four digits
 * @param indexInTrack number of the clip in its track, from 0
 * @param timestampsMicros {@code [T]} presentation times in microseconds
 * @param frames T
 * @param images per frame a JPEG, or raw RGB {@code [H,W,3]}
 * @param regions {@code [T,56,56]} region maps, see {@link
 *     dev.mien.preprocessing.region.RegionMapper}; a frame of zeros means no face was found in it
 * @param landmarks {@code [T,468,2]} x, y in 1/64 crop pixel; interpolated where no face was found
 *     or looked for, and a guess where the landmark model does not believe what a detector found
 * @param framesPerSecond mean rate of the clip's frames
 * @param fingerprint perceptual hashes of four frames evenly spread; near-duplicates differ in few
 *     of the 256 bits
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data: handed over, not compared
public record Clip(
    String clipId,
    String trackId,
    int indexInTrack,
    long[] timestampsMicros,
    int frames,
    int height,
    int width,
    FrameFormat format,
    List<byte[]> images,
    byte[] regions,
    short[] landmarks,
    double framesPerSecond,
    FaceQuality quality,
    long[] fingerprint) {

  /** One frame's hash is too short: other people's are as near as copies are. */
  static final int FINGERPRINT_FRAMES = 4;

  public Clip {
    images = List.copyOf(images);
  }
}
