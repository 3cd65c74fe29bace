package dev.mien.preprocessing.clip;

/**
 * What the container says.
 *
 * @param width of the upright frame in square pixels, as all boxes are; a frame coded in others is
 *     stretched to it
 * @param height of the upright frame in square pixels
 * @param framesPerSecond mean rate of the source
 * @param framesPromised 0 when the container does not say
 * @param seconds duration; 0 when the container does not say
 * @param codec FFmpeg's name of the codec
 * @param rotation clockwise turn in degrees that made the frames upright: 0, 90, 180 or 270
 */
public record VideoProbe(
    int width,
    int height,
    double framesPerSecond,
    int framesPromised,
    double seconds,
    String codec,
    int rotation) {}
