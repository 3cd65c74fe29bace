package dev.mien.preprocessing.clip;

import dev.mien.preprocessing.track.ExpectedFace;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A video to preprocess.
 *
 * @param file a local file
 * @param videoId what ids of tracks and clips begin with
 * @param expected where the person's face is, an entry an utterance: only tracks that agree with
 *     one are kept; empty when nothing is known. A video of 224x224 is taken for one that VoxCeleb2
 *     cut around the person: boxes of the uncut video say nothing of it, and the tracks of the face
 *     in the upper centre are kept in place of those that agree, which the report notes
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
