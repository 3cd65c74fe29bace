package dev.mien.spark.session;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.testng.annotations.Test;

public class FileModesTest {

  @Test
  public void anotherLocalFileSystemThanHadoopsOwnIsTaken() {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.file.impl", RawLocalFileSystem.class.getName());
    hadoop.setBoolean("fs.file.impl.disable.cache", true);
    hadoop.set(FsPermission.UMASK_LABEL, "027");

    FileModes.apply(hadoop);
  }
}
