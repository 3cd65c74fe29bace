package dev.mien.preprocessing.clip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;

/** A preprocessor by default, a folder for videos, and the clips of the last one. */
public abstract class PreprocessorFixture {

  final List<Clip> clips = new ArrayList<>();
  VideoPreprocessor preprocessor;
  Path folder;

  @BeforeClass
  public void openPreprocessor() throws IOException {
    folder = Files.createTempDirectory("videos");
    preprocessor = VideoPreprocessor.open(PreprocessingOptions.defaults());
  }

  @AfterClass
  public void closePreprocessor() {
    preprocessor.close();
  }

  @BeforeMethod
  public void forget() {
    clips.clear();
  }

  VideoReport process(Path file) throws IOException {
    return preprocessor.process(new VideoRequest(file, "v", List.of()), clips::add);
  }
}
