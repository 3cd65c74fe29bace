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
 * @param images one per frame: a JPEG, or raw RGB {@code [H,W,3]}
 * @param regions {@code [T,56,56]} region maps, see {@link
 *     dev.mien.preprocessing.region.RegionMapper}; a frame of zeros means that no face was found in
 *     it
 * @param landmarks {@code [T,468,2]} x, y in 1/64 crop pixel; interpolated where no face was found
 *     or looked for, and unreliable where a detector found a face that the landmark model does not
 *     confirm
 * @param framesPerSecond mean rate of the clip's frames
 * @param fingerprint perceptual hashes of four evenly spread frames; near-duplicates differ in few
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

  /** Several, since by one frame's hash other people's clips are as near as copies. */
  static final int FINGERPRINT_FRAMES = 4;

  public Clip {
    images = List.copyOf(images);
  }
}
