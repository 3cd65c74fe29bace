package dev.mien.spark;

import dev.mien.spark.dataset.Tables;
import dev.mien.spark.redundancy.NearDuplicates;
import dev.mien.spark.redundancy.Subset;
import java.io.IOException;
import org.apache.spark.sql.types.StructType;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class SchemaPageTest {

  @DataProvider
  public Object[][] tables() {
    return new Object[][] {
      {"videos", Tables.VIDEOS},
      {"tracks", Tables.TRACKS},
      {"clips", Tables.CLIPS},
      {"redundancy", NearDuplicates.COLUMNS},
      {"subsets", Subset.COLUMNS},
    };
  }

  @Test(dataProvider = "tables")
  public void everyColumnIsDescribedWithItsType(String table, StructType columns)
      throws IOException {
    SchemaPage.assertDescribes(table, columns);
  }
}
