package dev.mien.spark.exchange;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.network.buffer.ManagedBuffer;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.network.shuffle.BlockFetchingListener;
import org.apache.spark.network.shuffle.DownloadFile;
import org.apache.spark.network.shuffle.DownloadFileManager;
import org.apache.spark.network.shuffle.DownloadFileWritableChannel;
import org.apache.spark.network.util.TransportConf;

/**
 * Receives one block into an array. Spark streams blocks that are too large for its buffers into
 * files; this is such a file, in memory.
 */
final class IncomingBlock implements DownloadFileManager, BlockFetchingListener {

  private final byte[] bytes;
  private final CompletableFuture<byte[]> arrived = new CompletableFuture<>();

  IncomingBlock(int length) {
    this.bytes = new byte[length];
  }

  /** Completes with all the bytes, or with the failure. */
  CompletableFuture<byte[]> bytes() {
    return arrived;
  }

  /** Called once for each attempt; an earlier attempt has failed by then. */
  @Override
  public DownloadFile createTempFile(TransportConf conf) {
    return new Attempt();
  }

  @Override
  public boolean registerTempFileToClean(DownloadFile file) {
    return true;
  }

  @Override
  public void onBlockFetchSuccess(String id, ManagedBuffer data) {
    if (data.size() == bytes.length) {
      arrived.complete(bytes);
    } else {
      arrived.completeExceptionally(
          new IOException("%s has %d bytes, not %d".formatted(id, data.size(), bytes.length)));
    }
  }

  @Override
  public void onBlockFetchFailure(String id, Throwable failure) {
    arrived.completeExceptionally(failure);
  }

  private final class Attempt implements DownloadFile, DownloadFileWritableChannel {

    private int at;
    private boolean isOpen = true;

    @Override
    public DownloadFileWritableChannel openForWriting() {
      return this;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      int count = source.remaining();
      if (count > bytes.length - at) {
        throw new IOException("More bytes than the block's " + bytes.length);
      }
      source.get(bytes, at, count);
      at += count;
      return count;
    }

    @Override
    public ManagedBuffer closeAndRead() {
      close();
      return new NioManagedBuffer(ByteBuffer.wrap(bytes, 0, at));
    }

    @Override
    public boolean isOpen() {
      return isOpen;
    }

    @Override
    public void close() {
      isOpen = false;
    }

    @Override
    public boolean delete() {
      return true;
    }

    @Override
    public String path() {
      return "";
    }
  }
}
