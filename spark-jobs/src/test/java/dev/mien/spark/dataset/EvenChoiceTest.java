package dev.mien.spark.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.testng.annotations.Test;

public class EvenChoiceTest {

  @Test
  public void aFewOfManyAreSpreadFromTheFirstOn() {
    assertThat(EvenChoice.of(10, 4)).containsExactly(0, 2, 5, 7);
    assertThat(EvenChoice.of(Integer.MAX_VALUE, 2)).containsExactly(0, Integer.MAX_VALUE / 2);
    assertThat(EvenChoice.of(List.of("a", "b", "c", "d"), 2)).containsExactly("a", "c");
  }

  @Test
  public void noMoreAreChosenThanThereAre() {
    assertThat(EvenChoice.of(3, 5)).containsExactly(0, 1, 2);
    assertThat(EvenChoice.of(List.of(), 5)).isEmpty();
    assertThat(EvenChoice.of(List.of("a"), 0)).isEmpty();
  }
}
