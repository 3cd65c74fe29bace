package dev.mien.spark.dataset;

import dev.mien.spark.storage.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * A salted digest of a name: who knows the name can recognise it, and nobody can read it.
 *
 * @param salt hex
 * @param digest hex, the SHA-256 of the salt's bytes followed by the name's
 */
public record SaltedName(String salt, String digest) {

  private static final int SALT_BYTES = 16;

  public static SaltedName of(String salt, String name) {
    MessageDigest digest = Sha256.begin();
    digest.update(HexFormat.of().parseHex(salt));
    digest.update(name.getBytes(StandardCharsets.UTF_8));
    return new SaltedName(salt, Sha256.hex(digest));
  }

  public static String newSalt() {
    byte[] salt = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    return HexFormat.of().formatHex(salt);
  }
}
