package dev.mien.preprocessing.region;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.THRESH_BINARY;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;
import static org.bytedeco.opencv.global.opencv_imgproc.threshold;

import dev.mien.preprocessing.crop.Square;
import dev.mien.preprocessing.crop.SquareSampler;
import dev.mien.preprocessing.detect.FaceModel;
import dev.mien.preprocessing.detect.ImageModel;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Size;

/** Separates the person from the background in a face crop. Not thread-safe; close it. */
public final class PersonSegmenter implements AutoCloseable {
  private final ImageModel model;
  private final float probability;
  private final double context;
  private final SquareSampler sampler;
  private final Mat image = new Mat();
  private final Mat person;
  private final Mat inCrop;
  private final Mat resized = new Mat();
  private final Size maskSize = new Size(HairFinder.SIZE, HairFinder.SIZE);

  private PersonSegmenter(ImageModel model, float probability, double context) {
    this.model = model;
    this.context = context;
    this.probability = probability;
    int size = model.size();
    this.sampler = new SquareSampler(size);
    this.person = new Mat(size, size, CV_32F, model.output(0));
    int side = (int) Math.round(size / context);
    int margin = (size - side) / 2;
    try (Rect centre = new Rect(margin, margin, side, side)) {
      this.inCrop = new Mat(person, centre);
    }
  }

  /**
   * Loads the model.
   *
   * @param context side of the picture that the model is shown, as a multiple of the crop's side:
   *     it knows heads and shoulders, not faces alone
   */
  public static PersonSegmenter open(RegionOptions options, double context, int threads) {
    ImageModel model = ImageModel.open(FaceModel.PERSON_SEGMENTATION, threads);
    return new PersonSegmenter(model, options.personProbability(), context);
  }

  /**
   * Finds the person in a crop.
   *
   * @param frame {@code [H,W]} BGR uint8
   * @param crop the face crop's square
   * @param mask of the crop, {@code [112,112]} uint8, 255 on the person and 0 elsewhere
   */
  public void segment(Mat frame, Square crop, Mat mask) {
    sampler.sample(frame, crop.scaled(context), image);
    model.run(image, 1 / 255.0, 0); // [0,255] -> [0,1]
    resize(inCrop, resized, maskSize, 0, 0, INTER_LINEAR);
    threshold(resized, resized, probability, 255, THRESH_BINARY);
    resized.convertTo(mask, CV_8U);
  }

  @Override
  public void close() {
    inCrop.close();
    person.close();
    resized.close();
    image.close();
    maskSize.close();
    sampler.close();
    model.close();
  }
}
