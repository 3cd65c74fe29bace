package dev.mien.spark.forget;

import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;

/** A dataset to erase a person from, another copy for each test. */
abstract class ErasureFixture {

  static final Subject PERSON = new Subject.Person(ErasableDataset.GONE);

  SparkSession spark;
  ErasableDataset filled;
  List<String> others;
  ErasableDataset data;

  @BeforeClass
  public void fill() throws IOException {
    spark = ErasableDataset.session();
    filled = ErasableDataset.fill(spark);
    others = filled.others();
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws IOException {
    filled.close();
    spark.stop();
  }

  @BeforeMethod
  public void copy() throws IOException {
    data = filled.copy();
  }

  @AfterMethod(alwaysRun = true)
  public void remove() throws IOException {
    data.close();
  }
}
