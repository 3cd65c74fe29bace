package dev.mien.preprocessing.clip;

/**
 * Figures to filter clips by; means over the clip's frames unless said otherwise.
 *
 * @param score detector score in [0,1]
 * @param presence face score of the landmark model in [0,1]
 * @param faceSide side of the crop in source pixels, the same for all frames
 * @param sharpness variance of the Laplacian of the grey crop, in squared grey levels
 * @param brightness mean of the grey crop in [0,255]
 * @param motion mean absolute difference of consecutive grey crops in [0,255]; 0 for a single frame
 * @param yaw degrees, positive when the face is turned towards the image's right
 * @param pitch degrees, positive when the face looks down
 * @param roll degrees, positive when the face is tilted clockwise on the image
 */
public record ClipQuality(
    float score,
    float presence,
    float faceSide,
    float sharpness,
    float brightness,
    float motion,
    float yaw,
    float pitch,
    float roll) {}
