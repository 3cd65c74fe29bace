package dev.mien.spark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.testng.annotations.Test;

/** The cluster that {@code deploy/standalone} starts, and a job on it. */
public class StandaloneIT extends StandaloneFixture {

  @Test
  public void aJobHasBothWorkersAndNobodyElseHasTheSecret() throws Exception {
    assertThat(Script.run(environment, "standalone/start").said()).contains("A cluster runs here");
    Map<String, String> another = new HashMap<>(environment);
    another.put("MIEN_STATE", folder.resolve("another").toString());
    Script.Ended taken = Script.run(another, "standalone/start");
    assertThat(taken.exit()).as(taken.said()).isOne();
    assertThat(taken.said()).contains("Port " + environment.get("SPARK_MASTER_PORT"), "is taken");
    another.put("MIEN_STATE", folder.resolve("never").toString());
    assertThat(Script.run(another, "standalone/stop").said()).isEqualTo("Nothing runs here\n");
    assertThat(folder.resolve("never")).doesNotExist();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(defaults())))
        .isEqualTo("rw-------");
    assertThat(PresetsTest.read(defaults()))
        .containsAllEntriesOf(PresetsTest.ENCRYPTED)
        .containsAllEntriesOf(PresetsTest.KEPT_FROM_OTHERS)
        .doesNotContainKey(PresetsTest.CIPHER);

    Script.Ended doctor =
        Script.run(
            environment,
            "../mien",
            "doctor",
            "--driver-memory",
            "1g",
            "--executor-memory",
            "1g",
            "--conf",
            "spark.executor.instances=2",
            "--conf",
            "spark.scheduler.maxRegisteredResourcesWaitingTime=10m");
    assertThat(doctor.exit()).as(doctor.said()).isZero();
    assertThat(doctor.said()).contains("executor 0 on ", "executor 1 on ");
  }
}
