package dev.mien.spark;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that by themselves, with no signal sent, end the process that decodes them. */
public final class DeadlyVideos {

  private static final int FRAMES_CLAIMED = 10_000_000;

  private DeadlyVideos() {}

  /**
   * The first frames, and then nothing in which FFmpeg looks for more, at some 100 MB a second.
   *
   * @param file Matroska
   * @param bytes of a hole, which takes no disk
   */
  public static Path endless(Path file, long bytes) throws Exception {
    TestVideos.copy(TestVideos.CAP13, file, "matroska", 80, 1);
    try (RandomAccessFile video = new RandomAccessFile(file.toFile(), "rw")) {
      video.setLength(video.length() / 2);
      video.setLength(bytes);
    }
    return file;
  }

  /**
   * Tracks that claim ten million frames of one byte: FFmpeg makes an index of 240 MB of each while
   * it opens the file.
   *
   * @param file MP4
   */
  public static Path greedy(Path file, int tracks) throws Exception {
    TestVideos.copy(TestVideos.CAP13, file, "mp4", 5, 1);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer video = ByteBuffer.wrap(bytes);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    video.putInt(text.indexOf("stts") + 12, FRAMES_CLAIMED);
    video.putInt(text.indexOf("stsc") + 16, FRAMES_CLAIMED);
    video.putInt(text.indexOf("stsz") + 8, 1).putInt(text.indexOf("stsz") + 12, FRAMES_CLAIMED);

    int track = text.indexOf("trak") - 4;
    int length = video.getInt(track);
    int movie = text.indexOf("moov") - 4;
    int more = (tracks - 1) * length;
    video.putInt(movie, video.getInt(movie) + more);
    ByteBuffer greedy = ByteBuffer.allocate(bytes.length + more);
    greedy.put(bytes, 0, track);
    for (int copy = 0; copy < tracks; copy++) {
      greedy.put(bytes, track, length);
    }
    greedy.put(bytes, track + length, bytes.length - track - length);
    return Files.write(file, greedy.array());
  }
}
