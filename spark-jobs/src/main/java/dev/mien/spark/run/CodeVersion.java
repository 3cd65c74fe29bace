package dev.mien.spark.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of Mien, for provenance. */
public final class CodeVersion {

  private static final String RESOURCE = "/dev/mien/version.properties";

  private CodeVersion() {}

  /** The version and the commit that it was built from, as {@code 0.1.0 (3f2a9c1)}. */
  public static String current() {
    Properties properties = properties();
    return properties.getProperty("version") + " (" + properties.getProperty("commit") + ")";
  }

  /** The version of Spark that it was built with. */
  public static String spark() {
    return properties().getProperty("spark");
  }

  private static Properties properties() {
    Properties properties = new Properties();
    try (InputStream in = CodeVersion.class.getResourceAsStream(RESOURCE)) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + RESOURCE, e);
    }
    return properties;
  }
}
