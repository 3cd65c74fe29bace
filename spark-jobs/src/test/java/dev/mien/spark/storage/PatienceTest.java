package dev.mien.spark.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class PatienceTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private int tried;

  @BeforeMethod
  public void begin() {
    tried = 0;
  }

  @Test
  public void whatIsRefusedTwiceSucceedsInTime() throws IOException {
    assertThat(new Patience(HOUR, () -> false).with(this::third)).isEqualTo(3);
  }

  @Test
  public void withoutTimeTheFirstRefusalCounts() {
    assertRefusedOnce(Duration.ZERO, () -> false);
  }

  @Test
  public void whoIsInHasteTriesNothingAgain() {
    assertRefusedOnce(HOUR, () -> true);
  }

  @Test
  public void whoIsInterruptedTriesNothingAgainAndStaysInterrupted() {
    Thread.currentThread().interrupt();
    assertRefusedOnce(HOUR, () -> false);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  public void whatIsDamagedIsNotTriedAgain() {
    assertThatThrownBy(
            () ->
                new Patience(HOUR, () -> false)
                    .with(
                        () -> {
                          tried++;
                          throw new DamagedException("damaged");
                        }))
        .hasMessage("damaged");
    assertThat(tried).isEqualTo(1);
  }

  private void assertRefusedOnce(Duration limit, BooleanSupplier isInHaste) {
    assertThatThrownBy(() -> new Patience(limit, isInHaste).with(this::third))
        .isInstanceOf(IOException.class)
        .hasMessage("refused 1");
    assertThat(tried).isEqualTo(1);
  }

  private int third() throws IOException {
    tried++;
    if (tried < 3) {
      throw new IOException("refused " + tried);
    }
    return tried;
  }
}
