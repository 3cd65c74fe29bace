package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.crop.CropGeometry;
import dev.mien.preprocessing.crop.CropOptions;
import dev.mien.preprocessing.crop.SquareSampler;
import dev.mien.preprocessing.picture.FrameEncoder;
import dev.mien.preprocessing.region.HairFinder;
import dev.mien.preprocessing.region.PersonSegmenter;
import dev.mien.preprocessing.region.RegionMapper;
import dev.mien.preprocessing.video.UnsupportedVideoException;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Cuts crops and region maps out of frames and adds them to their clips. Holds what all clips
 * share: models, scratch images, and the time spent. Not thread-safe; close it.
 */
final class ClipCutter implements AutoCloseable {
  private final PreprocessingOptions options;
  private final SquareSampler sampler;
  private final PersonSegmenter segmenter;
  private final HairFinder hairFinder = new HairFinder();
  private final RegionMapper mapper = new RegionMapper();
  private final FrameEncoder encoder;
  private final Mat crop = new Mat();
  private final Mat person = new Mat();
  private long cropNanos;
  private long regionNanos;
  private long encodeNanos;

  ClipCutter(PreprocessingOptions options) {
    this.options = options;
    CropGeometry geometry = options.crop().geometry();
    this.sampler = new SquareSampler(CropOptions.SIZE, geometry.padding());
    this.segmenter = PersonSegmenter.open(options.region(), geometry.context(), options.threads());
    this.encoder = new FrameEncoder(options.jpegQuality());
  }

  /**
   * Adds a frame to a clip.
   *
   * @throws UnsupportedVideoException when that makes the clip too large
   */
  void cut(Mat frame, long timestampMicros, OpenClip clip) throws UnsupportedVideoException {
    long start = System.nanoTime();
    sampler.sample(frame, clip.square(), crop);
    clip.measure(crop);
    long cropped = System.nanoTime();
    // Regions are known only where the landmark model saw a face; elsewhere the map stays 0.
    boolean known = clip.presence() >= options.detection().presence();
    if (known) {
      if (clip.areSurroundingsDue(options.region().segmentationInterval())) {
        segmenter.segment(frame, clip.square(), person);
        hairFinder.find(crop, clip.pointsInCrop(), person, clip.newSurroundings());
      }
      mapper.map(clip.pointsInCrop(), clip.surroundings(), clip.regions(), clip.regionOffset());
    }
    long mapped = System.nanoTime();
    byte[] image = encoder.encode(crop, options.frameFormat());
    encodeNanos += System.nanoTime() - mapped;
    regionNanos += mapped - cropped;
    cropNanos += cropped - start;
    clip.add(timestampMicros, image);
  }

  long cropNanos() {
    return cropNanos;
  }

  long regionNanos() {
    return regionNanos;
  }

  long encodeNanos() {
    return encodeNanos;
  }

  void resetTimes() {
    cropNanos = 0;
    regionNanos = 0;
    encodeNanos = 0;
  }

  @Override
  public void close() {
    crop.close();
    person.close();
    encoder.close();
    mapper.close();
    hairFinder.close();
    segmenter.close();
    sampler.close();
  }
}
