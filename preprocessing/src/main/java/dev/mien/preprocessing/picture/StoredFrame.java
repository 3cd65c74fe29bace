package dev.mien.preprocessing.picture;

/**
 * A frame as it is stored.
 *
 * @param image JPEG, or raw RGB {@code [height,width,3]}
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data: handed over, not compared
public record StoredFrame(byte[] image, FrameFormat format, int height, int width) {}
