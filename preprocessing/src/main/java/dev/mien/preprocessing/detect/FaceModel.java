package dev.mien.preprocessing.detect;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The MediaPipe models on the class path, each with the sha256 of the only bytes accepted. */
public enum FaceModel {
  /** BlazeFace for faces that fill much of the frame, 128 px. */
  SHORT_RANGE_DETECTION(
      "face_detection_short_range.tflite",
      "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633"),
  /** BlazeFace for smaller faces, 192 px. */
  FULL_RANGE_DETECTION(
      "face_detection_full_range.tflite",
      "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3"),
  /** The 468-point face mesh, 192 px. */
  LANDMARKS(
      "face_landmark.tflite", "c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1"),
  /** Person against background, 256 px. */
  PERSON_SEGMENTATION(
      "selfie_segmentation.tflite",
      "8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27");

  private static final String FOLDER = "/dev/mien/preprocessing/models/";

  private final String file;
  private final String sha256;

  FaceModel(String file, String sha256) {
    this.file = file;
    this.sha256 = sha256;
  }

  /** Lower-case hex sha256 of the model's bytes. */
  public String sha256() {
    return sha256;
  }

  /**
   * The model's bytes.
   *
   * @throws IllegalStateException when the resource is missing or is not the one expected
   */
  byte[] load() {
    byte[] bytes;
    try (InputStream stream = FaceModel.class.getResourceAsStream(FOLDER + file)) {
      if (stream == null) {
        throw new IllegalStateException(
            "Cannot find model on the class path: " + FOLDER + file + " (repackage Mien with it)");
      }
      bytes = stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read model: " + FOLDER + file, e);
    }
    verify(bytes);
    return bytes;
  }

  void verify(byte[] bytes) {
    String found;
    try {
      found = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot check models: this Java has no SHA-256", e);
    }
    if (!found.equals(sha256)) {
      throw new IllegalStateException(
          "Invalid model %s: sha256 %s (must be %s; restore the file)"
              .formatted(file, found, sha256));
    }
  }
}
