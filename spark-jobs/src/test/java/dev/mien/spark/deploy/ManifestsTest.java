package dev.mien.spark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import dev.mien.spark.cli.Mien;
import dev.mien.spark.config.MienConfiguration;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** {@code deploy/kubernetes}, against the published schemas and against Mien's own options. */
public class ManifestsTest {

  private static final Path FOLDER = Script.DEPLOY.resolve("kubernetes");
  private static final String SCHEMAS = "/dev/mien/spark/deploy/manifests.schema.json";
  private static final String SHA256 =
      "48f562bdccce30470bbb2369b1a9fb42e9c522dec574acdbabcc44734357bbc3";

  /** By apiVersion and kind. */
  private static final Map<String, String> DEFINITIONS =
      Map.of(
          "v1/Pod", "io.k8s.api.core.v1.Pod",
          "v1/Namespace", "io.k8s.api.core.v1.Namespace",
          "v1/ServiceAccount", "io.k8s.api.core.v1.ServiceAccount",
          "v1/PersistentVolumeClaim", "io.k8s.api.core.v1.PersistentVolumeClaim",
          "rbac.authorization.k8s.io/v1/Role", "io.k8s.api.rbac.v1.Role",
          "rbac.authorization.k8s.io/v1/RoleBinding", "io.k8s.api.rbac.v1.RoleBinding",
          "networking.k8s.io/v1/NetworkPolicy", "io.k8s.api.networking.v1.NetworkPolicy",
          "sparkoperator.k8s.io/v1beta2/SparkApplication", "SparkV1beta2SparkApplication",
          "sparkoperator.k8s.io/v1beta2/ScheduledSparkApplication",
              "SparkV1beta2ScheduledSparkApplication");

  /** Settings that the operator has fields of its own for, in an application. */
  private static final Map<String, String> FIELDS =
      Map.ofEntries(
          Map.entry("spark.submit.deployMode", "/mode"),
          Map.entry("spark.kubernetes.container.image", "/image"),
          Map.entry(
              "spark.kubernetes.authenticate.driver.serviceAccountName", "/driver/serviceAccount"),
          Map.entry(
              "spark.kubernetes.authenticate.executor.serviceAccountName",
              "/executor/serviceAccount"),
          Map.entry("spark.executor.instances", "/executor/instances"),
          Map.entry("spark.executor.cores", "/executor/cores"),
          Map.entry("spark.executor.memory", "/executor/memory"),
          Map.entry("spark.executor.memoryOverhead", "/executor/memoryOverhead"),
          Map.entry("spark.driver.cores", "/driver/cores"),
          Map.entry("spark.driver.memory", "/driver/memory"),
          Map.entry("spark.driver.memoryOverhead", "/driver/memoryOverhead"));

  /** Those that it says by the object's namespace and the templates themselves. */
  private static final Set<String> OTHERWISE =
      Set.of(
          "spark.kubernetes.namespace",
          "spark.kubernetes.driver.podTemplateFile",
          "spark.kubernetes.executor.podTemplateFile");

  private JsonNode schemas;

  @BeforeClass
  public void readSchemas() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (InputStream file =
        new DigestInputStream(ManifestsTest.class.getResourceAsStream(SCHEMAS), digest)) {
      schemas = new ObjectMapper().readTree(file.readAllBytes());
    }
    assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(SHA256);
  }

  @DataProvider
  public Object[][] files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted()
          .map(file -> new Object[] {file.getFileName().toString()})
          .toArray(Object[][]::new);
    }
  }

  @Test(dataProvider = "files")
  public void everyObjectFitsItsSchema(String file) throws IOException {
    List<JsonNode> objects = objects(file);
    assertThat(objects).isNotEmpty();
    for (JsonNode object : objects) {
      String kind = object.path("apiVersion").asText() + "/" + object.path("kind").asText();
      assertThat(DEFINITIONS).containsKey(kind);
      Set<ValidationMessage> problems = schema(DEFINITIONS.get(kind)).validate(object);
      assertThat(problems).as(kind).isEmpty();
    }
  }

  @DataProvider
  public Object[][] applications() {
    return new Object[][] {
      {"preprocess", "executor", "spark"}, {"pretrain", "gpu-executor", "gpu-spark"}
    };
  }

  @Test(dataProvider = "applications")
  public void applicationsCallMienAsItIs(String name, String executor, String properties)
      throws IOException {
    JsonNode application = application(name);
    assertThat(application.path("mainClass").asText()).isEqualTo(Mien.class.getName());
    assertThat(application.path("mainApplicationFile").asText())
        .isEqualTo("local:///opt/mien/mien.jar");
    List<String> arguments = new ArrayList<>();
    application.path("arguments").forEach(argument -> arguments.add(argument.asText()));
    assertThat(Script.parse(arguments).commandSpec().name()).isEqualTo(name);
  }

  @Test
  public void aTaskThatHangsEnds() throws IOException {
    List<String> settings = new ArrayList<>();
    application("pretrain").path("arguments").forEach(argument -> settings.add(argument.asText()));
    settings.removeIf(argument -> !argument.startsWith("training."));

    assertThat(
            MienConfiguration.load(Optional.of("marlin-base"), Optional.empty(), settings)
                .training()
                .taskLimit())
        .isPositive();
  }

  @Test(dataProvider = "applications")
  public void applicationsRepeatTheTemplatesAndTheSettings(
      String name, String executor, String properties) throws IOException {
    JsonNode application = application(name);
    assertSamePod(application.path("driver").path("template"), "driver.yaml");
    assertSamePod(application.path("executor").path("template"), executor + ".yaml");

    Properties settings = PresetsTest.read(FOLDER.resolve(properties + ".properties"));
    JsonNode own = application.path("sparkConf");
    for (String key : settings.stringPropertyNames()) {
      if (FIELDS.containsKey(key)) {
        assertThat(application.at(FIELDS.get(key)).asText())
            .as(key)
            .isEqualTo(settings.getProperty(key));
      } else if (!OTHERWISE.contains(key)) {
        assertThat(own.path(key).asText()).as(key).isEqualTo(settings.getProperty(key));
      }
    }
  }

  @Test
  public void nightsNeverOverlapAndAreNotTriedTwice() throws IOException {
    JsonNode scheduled = objects("preprocess.yaml").get(0).path("spec");
    assertThat(scheduled.path("concurrencyPolicy").asText()).isEqualTo("Forbid");
    assertThat(scheduled.path("template").path("restartPolicy").path("type").asText())
        .isEqualTo("Never");
  }

  @Test
  public void theSchemaRefusesWhatKubernetesDoes() throws IOException {
    JsonSchema pod = schema("io.k8s.api.core.v1.Pod");
    String text = Files.readString(FOLDER.resolve("driver.yaml"));
    for (String wrong :
        List.of(
            text.replace("runAsNonRoot", "runAsNonroot"),
            text.replace("runAsUser: 10001", "runAsUser: mien"),
            text.replace("drop: [ALL]", "drop: ALL"),
            text.replace("name: spark-kubernetes-driver", "image: mien"))) {
      assertThat(wrong).isNotEqualTo(text);
      assertThat(pod.validate(new YAMLMapper().readTree(wrong))).as(wrong).isNotEmpty();
    }
  }

  private static void assertSamePod(JsonNode template, String file) throws IOException {
    JsonNode pod = objects(file).get(0);
    assertThat(template.path("metadata")).as(file).isEqualTo(pod.path("metadata"));
    assertThat(template.path("spec")).as(file).isEqualTo(pod.path("spec"));
  }

  /** The specification of an application, scheduled or not. */
  private static JsonNode application(String name) throws IOException {
    JsonNode spec = objects(name + ".yaml").get(0).path("spec");
    return spec.path("template").isMissingNode() ? spec : spec.path("template");
  }

  private static List<JsonNode> objects(String file) throws IOException {
    YAMLMapper yaml = new YAMLMapper();
    try (Reader reader = Files.newBufferedReader(FOLDER.resolve(file));
        MappingIterator<JsonNode> documents = yaml.readerFor(JsonNode.class).readValues(reader)) {
      return documents.readAll();
    }
  }

  private JsonSchema schema(String definition) {
    ObjectNode root = schemas.deepCopy();
    root.put("$ref", "#/definitions/" + definition);
    return JsonSchemaFactory.getInstance(VersionFlag.V7).getSchema(root);
  }
}
