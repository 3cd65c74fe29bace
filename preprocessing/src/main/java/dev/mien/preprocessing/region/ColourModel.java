package dev.mien.preprocessing.region;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.CV_32FC3;
import static org.bytedeco.opencv.global.opencv_core.LUT;
import static org.bytedeco.opencv.global.opencv_core.meanStdDev;
import static org.bytedeco.opencv.global.opencv_core.transform;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;

/**
 * A model of a material's colours: one normal distribution per channel, which are nearly
 * independent in Lab. Costs come from a table of 256 values per channel. Close it.
 */
final class ColourModel implements AutoCloseable {
  private static final int LEVELS = 256;
  private static final int CHANNELS = 3;

  // Lower bound on the variance: flat surfaces vary less than the codec's noise does.
  private static final double LEAST_DEVIATION = 2;

  private final Mat mean = new Mat();
  private final Mat deviation = new Mat();
  private final Mat table = new Mat(1, LEVELS, CV_32FC3);
  private final FloatBuffer costs = table.createBuffer();
  private final Mat perChannel = new Mat();
  private final Mat ones = new Mat(1, CHANNELS, CV_32F, new Scalar(1));
  private double logVolume;

  /**
   * Fits the model to the pixels under a mask, which must not be empty.
   *
   * @param lab {@code [H,W]} Lab uint8
   */
  void learn(Mat lab, Mat mask) {
    meanStdDev(lab, mean, deviation, mask);
    logVolume = 0;
    try (DoubleIndexer centres = mean.createIndexer();
        DoubleIndexer spreads = deviation.createIndexer()) {
      for (int channel = 0; channel < CHANNELS; channel++) {
        double centre = centres.get(channel);
        double spread = Math.max(LEAST_DEVIATION, spreads.get(channel));
        logVolume += 2 * Math.log(spread);
        for (int level = 0; level < LEVELS; level++) {
          double distance = (level - centre) / spread;
          costs.put(CHANNELS * level + channel, (float) (distance * distance));
        }
      }
    }
  }

  /**
   * Writes each pixel's squared distance from the mean, in standard deviations: {@code [H,W]}
   * float32.
   */
  void distances(Mat lab, Mat result) {
    LUT(lab, table, perChannel);
    transform(perChannel, result, ones);
  }

  /**
   * The summand that makes a squared distance twice the negative log-likelihood, up to a constant.
   */
  double logVolume() {
    return logVolume;
  }

  @Override
  public void close() {
    mean.close();
    deviation.close();
    table.close();
    perChannel.close();
    ones.close();
  }
}
