package dev.mien.spark;

/** Options for a JVM of a minute: it compiles quickly, and believes the classes that it loads. */
public final class BriefJava {

  public static final String OPTIONS =
      "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
          + " -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote";

  private BriefJava() {}
}
