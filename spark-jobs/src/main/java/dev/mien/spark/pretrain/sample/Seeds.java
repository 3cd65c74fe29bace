package dev.mien.spark.pretrain.sample;

import dev.mien.spark.storage.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Derives seeds from names: from the run's seed and what is drawn, never from time or thread. */
public final class Seeds {

  private Seeds() {}

  /** The first eight bytes of the SHA-256 of the seed and the names, one per line. */
  public static long derive(long seed, Object... names) {
    MessageDigest digest = Sha256.begin();
    digest.update(Long.toString(seed).getBytes(StandardCharsets.UTF_8));
    for (Object name : names) {
      digest.update((byte) '\n');
      digest.update(String.valueOf(name).getBytes(StandardCharsets.UTF_8));
    }
    return ByteBuffer.wrap(digest.digest()).getLong();
  }
}
