package dev.mien.spark.preprocess;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a path says of its video, when it is laid out as VoxCeleb is: {@code
 * <split>/mp4/<person>/<video>/<utterance>.mp4}. Parts that are not there are null.
 */
record VoxCelebLayout(String person, String split) {

  private static final Pattern LAYOUT =
      Pattern.compile("(?:.*?/)?(?:(dev|test)/(?:mp4/)?)?(id\\d+)/[^/]+/[^/]+");

  static VoxCelebLayout of(String uri) {
    Matcher matcher = LAYOUT.matcher(uri);
    return matcher.matches()
        ? new VoxCelebLayout(matcher.group(2), matcher.group(1))
        : new VoxCelebLayout(null, null);
  }
}
