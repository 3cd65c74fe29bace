package dev.mien.spark.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.PrivilegedExceptionAction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FsConstants;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.security.UserGroupInformation;
import org.testng.annotations.Test;

public class FileModesTest {

  @Test
  public void anotherLocalFileSystemThanHadoopsOwnGetsTheMaskToo() throws Exception {
    // Hadoop keeps the file systems of a user: those of this one nobody has opened yet.
    UserGroupInformation.createRemoteUser("somebody")
        .doAs(
            (PrivilegedExceptionAction<Void>)
                () -> {
                  FileSystem opened = FileSystem.get(FsConstants.LOCAL_FS_URI, hadoop("022"));

                  FileModes.apply(hadoop("027"));

                  assertThat(opened).isInstanceOf(RawLocalFileSystem.class);
                  assertThat(opened.getConf().get(FsPermission.UMASK_LABEL)).isEqualTo("027");
                  return null;
                });
  }

  private static Configuration hadoop(String mask) {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.file.impl", RawLocalFileSystem.class.getName());
    hadoop.set(FsPermission.UMASK_LABEL, mask);
    return hadoop;
  }
}
