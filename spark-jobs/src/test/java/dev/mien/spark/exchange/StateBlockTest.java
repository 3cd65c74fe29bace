package dev.mien.spark.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.BlockManagerId;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Blocks as Spark's network brings them, though from and to one process. */
public class StateBlockTest {

  private static final long SEED = 41;

  private JavaSparkContext context;
  private Broadcast<Integer> broadcast;

  @BeforeClass
  public void start() {
    context = StateExchangeTest.open();
    broadcast = context.broadcast(0);
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    context.stop();
  }

  @Test
  public void bytesArriveAsTheyWerePut() throws Exception {
    byte[] bytes = new byte[5_000_001];
    new Random(SEED).nextBytes(bytes);
    StateBlock block = StateBlock.put(broadcast.id(), "whole", ByteBuffer.wrap(bytes));

    assertThat(block.fetch().array()).as("seed %d", SEED).isEqualTo(bytes).isNotSameAs(bytes);
    assertThat(block.bytes(here()).array()).isSameAs(bytes);
    assertThat(block.shared().array()).isSameAs(bytes);
  }

  @Test
  public void aBitThatFlipsOnTheWayIsNoticed() {
    StateBlock block = StateBlock.put(broadcast.id(), "damaged", ByteBuffer.allocate(1000));
    StateBlock other = new StateBlock(block.broadcast(), block.name(), 1000, block.sum() ^ 1);

    assertThatThrownBy(other::fetch)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Cannot fetch broadcast_%d_damaged".formatted(broadcast.id()))
        .hasMessageContaining("it was damaged on its way from");
  }

  @Test
  public void moreOrFewerBytesAreNotTheBlock() {
    StateBlock block = StateBlock.put(broadcast.id(), "length", ByteBuffer.allocate(1000));
    for (int length : new int[] {999, 1001}) {
      StateBlock other = new StateBlock(block.broadcast(), block.name(), length, block.sum());
      assertThatThrownBy(other::fetch).as("%d bytes", length).isInstanceOf(IOException.class);
    }
  }

  @Test
  public void whatNobodyHasIsNamed() {
    StateBlock block = new StateBlock(broadcast.id(), "gone", 10, 0);

    assertThatThrownBy(block::fetch)
        .isInstanceOf(IOException.class)
        .hasMessage("Cannot fetch broadcast_%d_gone: no process has it", broadcast.id());
    assertThatThrownBy(() -> block.bytes(here()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "Cannot fetch broadcast_%d_gone: from %s: ".formatted(broadcast.id(), here()));
  }

  /** The driver hears of each chunk of the state, and of none of each replica's. */
  @Test
  public void whatIsKeptIsFoundByItsPlaceAlone() throws Exception {
    byte[] bytes = {1, 2, 3};
    StateBlock kept = StateBlock.keep(broadcast.id(), "kept", ByteBuffer.wrap(bytes));

    assertThat(kept.fetch(List.of(here())).array()).isEqualTo(bytes).isNotSameAs(bytes);
    assertThatThrownBy(kept::fetch)
        .isInstanceOf(IOException.class)
        .hasMessage("Cannot fetch broadcast_%d_kept: no process has it", broadcast.id());
  }

  private static BlockManagerId here() {
    return SparkEnv.get().blockManager().blockManagerId();
  }
}
