package dev.mien.preprocessing.track;

/**
 * Quality figures of a track or a clip; means over its frames unless said otherwise.
 *
 * @param score detector score in [0,1]
 * @param presence face score of the landmark model in [0,1]
 * @param landmarkShare share of the frames, in [0,1], in which the landmark model saw a face
 * @param faceSide median of the longer side of the smoothed boxes, in source pixels
 * @param sharpness variance of the Laplacian of the grey crop, in squared grey levels
 * @param brightness mean of the grey crop in [0,255]
 * @param motion mean absolute difference of consecutive grey crops in [0,255]; 0 for a single frame
 * @param yaw degrees, positive when the face is turned towards the image's right
 * @param pitch degrees, positive when the face looks down
 * @param roll degrees, positive when the face is tilted clockwise on the image
 */
public record FaceQuality(
    float score,
    float presence,
    float landmarkShare,
    float faceSide,
    float sharpness,
    float brightness,
    float motion,
    float yaw,
    float pitch,
    float roll) {

  /** These figures with those that are measured in pixels. */
  public FaceQuality withPixels(float newSharpness, float newBrightness, float newMotion) {
    return new FaceQuality(
        score,
        presence,
        landmarkShare,
        faceSide,
        newSharpness,
        newBrightness,
        newMotion,
        yaw,
        pitch,
        roll);
  }
}
