package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.track.ExpectedFace;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A video to preprocess.
 *
 * @param file a local file
 * @param videoId the beginning of the ids of tracks and clips
 * @param expected where the person's face is, one entry per utterance: only tracks that agree with
 *     an entry are kept; empty when nothing is known. A video of 224x224 is assumed to be one that
 *     VoxCeleb2 cut around the person, to which boxes of the uncut video do not apply: the tracks
 *     of the face in the upper centre are kept instead, which the report notes
 */
public record VideoRequest(Path file, String videoId, List<ExpectedFace> expected) {
  public VideoRequest {
    Objects.requireNonNull(file, "file");
    if (videoId.isBlank()) {
      throw new IllegalArgumentException("Invalid video id: '" + videoId + "' (must not be blank)");
    }
    expected = List.copyOf(expected);
  }
}
