package dev.mien.spark.forget;

import static org.assertj.core.api.Assertions.assertThat;

import org.testng.annotations.Test;

public class SubjectTest {

  @Test
  public void anIdInsideAnotherOrInANumberNamesNobody() {
    Subject person = new Subject.Person("7");

    assertThat(person.isNamedIn("{\"uri\": \"file:/in/7/a.mp4\"}")).isTrue();
    assertThat(person.isNamedIn("{\"clips\": 17, \"uri\": \"file:/in/77/7.mp4\"}")).isFalse();
  }

  @Test
  public void aVideoIsNamedByItsUri() {
    Subject video = new Subject.Video("file:/in/7/a.mp4");

    assertThat(video.isNamedIn("slowest: file:/in/7/a.mp4")).isTrue();
    assertThat(video.isNamedIn("slowest: file:/in/7/b.mp4")).isFalse();
  }
}
