package dev.mien.spark.encryption;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.crypto.key.KeyProvider;
import org.apache.hadoop.crypto.key.KeyProvider.KeyVersion;
import org.apache.hadoop.crypto.key.KeyProviderFactory;
import org.apache.parquet.crypto.KeyAccessDeniedException;
import org.apache.parquet.crypto.ParquetCryptoRuntimeException;
import org.apache.parquet.crypto.keytools.KeyToolkit;
import org.apache.parquet.crypto.keytools.KmsClient;

/**
 * Wraps the keys of Parquet's modular encryption by master keys from Hadoop's key providers: a key
 * management server ({@code kms://https@host:9600/kms}) or a key store file ({@code
 * jceks://hdfs/keys/mien.jceks}), named by {@code hadoop.security.key.provider.path}.
 *
 * <p>A wrapped key is {@code <key version>:<AES-GCM of the key, Base64>}, so that files stay
 * readable when the master key gets a new version. Thread-safe.
 */
public final class HadoopKeys implements KmsClient {

  private static final String SEPARATOR = ":";

  private List<KeyProvider> providers;

  @Override
  public void initialize(Configuration hadoop, String instance, String url, String token) {
    try {
      providers = KeyProviderFactory.getProviders(hadoop);
    } catch (IOException e) {
      throw new ParquetCryptoRuntimeException(
          "Cannot open the keys of "
              + KeyProviderFactory.KEY_PROVIDER_PATH
              + " = "
              + hadoop.get(KeyProviderFactory.KEY_PROVIDER_PATH),
          e);
    }
    if (providers.isEmpty()) {
      throw new ParquetCryptoRuntimeException(
          "No key provider (set spark.hadoop."
              + KeyProviderFactory.KEY_PROVIDER_PATH
              + " to where the master keys are)");
    }
  }

  @Override
  public String wrapKey(byte[] key, String masterKey) {
    KeyVersion version = current(masterKey);
    return version.getVersionName()
        + SEPARATOR
        + KeyToolkit.encryptKeyLocally(key, version.getMaterial(), authenticated(masterKey));
  }

  @Override
  public byte[] unwrapKey(String wrapped, String masterKey) {
    int end = wrapped.lastIndexOf(SEPARATOR);
    if (end < 0) {
      throw new ParquetCryptoRuntimeException(
          "Cannot read a key wrapped by " + masterKey + ": it names no version of it");
    }
    KeyVersion version = version(wrapped.substring(0, end), masterKey);
    return KeyToolkit.decryptKeyLocally(
        wrapped.substring(end + SEPARATOR.length()),
        version.getMaterial(),
        authenticated(masterKey));
  }

  private static byte[] authenticated(String masterKey) {
    return masterKey.getBytes(StandardCharsets.UTF_8);
  }

  private KeyVersion current(String masterKey) {
    return find(masterKey, provider -> provider.getCurrentKey(masterKey));
  }

  private KeyVersion version(String name, String masterKey) {
    return find(masterKey, provider -> provider.getKeyVersion(name));
  }

  private interface Lookup {
    KeyVersion of(KeyProvider provider) throws IOException;
  }

  private KeyVersion find(String masterKey, Lookup lookup) {
    for (KeyProvider provider : providers) {
      try {
        KeyVersion found = lookup.of(provider);
        if (found != null) {
          return found;
        }
      } catch (IOException e) {
        throw new ParquetCryptoRuntimeException(
            "Cannot read key " + masterKey + " from " + provider, e);
      }
    }
    throw new KeyAccessDeniedException(
        "No key %s in %s (make it with: hadoop key create %s)"
            .formatted(masterKey, providers, masterKey));
  }
}
