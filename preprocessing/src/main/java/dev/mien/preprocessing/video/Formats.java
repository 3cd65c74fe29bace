package dev.mien.preprocessing.video;

import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_READ;
import static org.bytedeco.ffmpeg.global.avformat.AVPROBE_SCORE_EXTENSION;
import static org.bytedeco.ffmpeg.global.avformat.av_probe_input_buffer2;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.av_match_list;

import java.nio.file.Path;
import java.util.Set;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;

/** The containers that are accepted, by FFmpeg's names. */
final class Formats {
  static final String ACCEPTED =
      "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg";

  private static final String EXTENSIONS = "mp4, mov, 3gp, mkv, webm, avi, ts, mpg, flv, wmv, ogg";

  private static final Set<String> SOUND =
      Set.of("aac", "ac3", "aiff", "amr", "ape", "au", "caf", "eac3", "flac", "mp3", "w64", "wav");

  private Formats() {}

  /**
   * Examines a file that could not be opened although FFmpeg did not give its format as the reason.
   *
   * @throws UnsupportedVideoException when, by its bytes, it is of another format
   * @throws BrokenVideoException when storage no longer delivers it
   */
  static void requireAccepted(Path video) throws BrokenVideoException {
    String url = "file:" + video;
    try (AVIOContext bytes = new AVIOContext(null);
        AVInputFormat found = new AVInputFormat(null)) {
      int opened = avio_open(bytes, url, AVIO_FLAG_READ);
      if (opened < 0) {
        throw Container.unreadable(opened);
      }
      int score = av_probe_input_buffer2(bytes, found, url, null, 0, 0);
      avio_closep(bytes);
      if (score < AVPROBE_SCORE_EXTENSION) {
        return; // only a guess
      }
      String name = found.name().getString();
      if (SOUND.contains(name)) {
        throw new UnsupportedVideoException("no video stream: audio only, " + name);
      }
      if (av_match_list(name, ACCEPTED, (byte) ',') == 0) {
        throw new UnsupportedVideoException(
            "unsupported container: %s (accepted: %s)".formatted(name, EXTENSIONS));
      }
    }
  }
}
