package dev.mien.spark.sql;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;

/** All functions of Mien in SQL. */
public final class MienFunctions {

  private MienFunctions() {}

  /** Adds them to the sessions that are made with these extensions. */
  public static void inject(SparkSessionExtensions extensions) {
    PictureFunctions.all().forEach(function -> extensions.injectFunction(function.definition()));
    TableFunctions.all().forEach(function -> extensions.injectTableFunction(function.definition()));
  }

  /** Adds them to a session that was made without. */
  public static void register(SparkSession spark) {
    SparkSessionExtensions extensions = new SparkSessionExtensions();
    inject(extensions);
    extensions.registerFunctions(spark.sessionState().functionRegistry());
    extensions.registerTableFunctions(spark.sessionState().tableFunctionRegistry());
  }
}
