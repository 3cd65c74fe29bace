package dev.mien.spark.preprocess.listing;

import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known of a video beside its frames. Parts that are not known are null.
 *
 * @param person identity of who is seen
 * @param split {@code dev} or {@code test}, or as a list calls it
 * @param sourceVideo the video that it is or was cut from, by its id where that was published
 * @param utterance the part of the source video that it is
 */
public record VideoLabels(String person, String split, String sourceVideo, String utterance)
    implements Serializable {

  private static final VideoLabels NONE = new VideoLabels(null, null, null, null);

  /**
   * The end of a path of VoxCeleb: whole videos lie in their person's folder, utterances in their
   * video's.
   */
  private static final Pattern VOXCELEB =
      Pattern.compile(
          "(?:.*?/)?(?:(dev|test)/(?:mp4/)?)?(id\\d+)/([^/]+?)(?:/([^/]+?))?(?:\\.[^./]+)?");

  /**
   * Reads the path of a video laid out as VoxCeleb is: {@code
   * <split>/mp4/<person>/<video>/<utterance>.mp4}, or {@code <person>/<video>.mp4} when it was not
   * cut.
   */
  static VideoLabels ofPath(String uri) {
    Matcher matcher = VOXCELEB.matcher(uri);
    return matcher.matches()
        ? new VideoLabels(matcher.group(2), matcher.group(1), matcher.group(3), matcher.group(4))
        : NONE;
  }

  /** Labels from a list, which may leave either null. */
  public static VideoLabels said(String person, String split) {
    return new VideoLabels(person, split, null, null);
  }

  /** These labels, and the other's where these say nothing. */
  VideoLabels or(VideoLabels other) {
    return new VideoLabels(
        person == null ? other.person : person,
        split == null ? other.split : split,
        sourceVideo == null ? other.sourceVideo : sourceVideo,
        utterance == null ? other.utterance : utterance);
  }
}
