package dev.mien.spark.storage;

import dev.mien.spark.session.FileModes;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * A process that tries to make every commit of a table, and says which it has made. Arguments: the
 * table, what it writes, how many commits there are.
 */
public final class CommitRace {

  private CommitRace() {}

  public static void main(String... arguments) throws IOException {
    Configuration hadoop = FileModes.hadoop();
    ClaimedLogStore log = new ClaimedLogStore(hadoop);
    for (int version = 0; version < Integer.parseInt(arguments[2]); version++) {
      try {
        log.write(commit(arguments[0], version), List.of(arguments[1]).iterator(), false, hadoop);
        System.out.println("made " + version);
      } catch (FileAlreadyExistsException e) {
        System.out.println("came second to " + version);
      }
    }
  }

  /** The file of a commit. */
  public static Path commit(String table, int version) {
    return new Path(table, "_delta_log/%020d.json".formatted(version));
  }
}
