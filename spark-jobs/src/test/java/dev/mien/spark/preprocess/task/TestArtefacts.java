package dev.mien.spark.preprocess.task;

import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.preprocess.task.BoxTree.Expectation;

/** Rows as tasks make them, for tests of what becomes of them. */
public final class TestArtefacts {

  private TestArtefacts() {}

  public static Artefact video(
      VideoSource source,
      String id,
      String hash,
      String pipeline,
      VideoReport report,
      int clips,
      long clipBytes) {
    return new ArtefactRows(source, id, hash, pipeline, Expectation.NONE)
        .video(report, clips, clipBytes);
  }
}
