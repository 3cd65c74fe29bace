package dev.mien.spark.sql;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;

/** Registers all SQL functions of Mien. */
public final class MienFunctions {

  private MienFunctions() {}

  /** Registers them for sessions that are created with these extensions. */
  public static void inject(SparkSessionExtensions extensions) {
    PictureFunctions.all().forEach(function -> extensions.injectFunction(function.definition()));
    TableFunctions.all().forEach(function -> extensions.injectTableFunction(function.definition()));
  }

  /** Registers them in a session that was created without the extensions. */
  public static void register(SparkSession spark) {
    SparkSessionExtensions extensions = new SparkSessionExtensions();
    inject(extensions);
    extensions.registerFunctions(spark.sessionState().functionRegistry());
    extensions.registerTableFunctions(spark.sessionState().tableFunctionRegistry());
  }
}
