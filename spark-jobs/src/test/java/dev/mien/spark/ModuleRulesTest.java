package dev.mien.spark;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasParameterTypes;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What each module may know of, as the architecture has it. */
public class ModuleRulesTest {

  private static final String SPARK = "org.apache.spark..";
  private static final String HADOOP = "org.apache.hadoop..";
  private static final String DJL = "ai.djl..";
  private static final String BYTEDECO = "org.bytedeco..";

  private JavaClasses classes;

  @BeforeClass
  public void importClasses() {
    classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.mien");
  }

  @DataProvider
  public Object[][] forbidden() {
    return new Object[][] {
      {
        "dev.mien.preprocessing..",
        new String[] {SPARK, HADOOP, DJL, "dev.mien.model..", "dev.mien.spark.."}
      },
      {
        "dev.mien.model..",
        new String[] {SPARK, HADOOP, BYTEDECO, "dev.mien.preprocessing..", "dev.mien.spark.."}
      },
      {"dev.mien.spark..", new String[] {BYTEDECO, "ai.djl.ndarray..", "ai.djl.pytorch.."}},
    };
  }

  @Test(dataProvider = "forbidden")
  public void modulesKnowOnlyWhatTheyMay(String module, String[] forbidden) {
    inModule(module).should().dependOnClassesThat().resideInAnyPackage(forbidden).check(classes);
  }

  @DataProvider
  public Object[][] modules() {
    return new Object[][] {{"dev.mien.preprocessing"}, {"dev.mien.model"}, {"dev.mien.spark"}};
  }

  @Test(dataProvider = "modules")
  public void dataFlowsOneWayBetweenPackages(String module) {
    SlicesRuleDefinition.slices()
        .matching(module + ".(*)..")
        .should()
        .beFreeOfCycles()
        .check(classes);
  }

  @Test
  public void nothingReadsJavaSerialisedBytesByItself() {
    inModule("dev.mien..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.ObjectInputStream")
        .check(classes);
  }

  /**
   * DJL keeps the scalar of these, of which arrays have methods and {@link NDArrays} twins, in a
   * buffer that the garbage collector may free before the gradient is computed.
   */
  @Test
  public void noArrayMeetsAJavaNumberInAGraph() {
    inModule("dev.mien..")
        .should()
        .callMethodWhere(
            target(owner(assignableTo(NDArray.class).or(equivalentTo(NDArrays.class))))
                .and(target(takesANumber())))
        .check(classes);
  }

  /** DJL's predictor never lets go of the arguments when the network fails. */
  @Test
  public void nothingPredictsByDjl() {
    inModule("dev.mien..")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(Predictor.class)
        .check(classes);
  }

  private static DescribedPredicate<HasParameterTypes> takesANumber() {
    return DescribedPredicate.describe(
        "takes a Number",
        method ->
            method.getRawParameterTypes().stream()
                .anyMatch(type -> type.isEquivalentTo(Number.class)));
  }

  private static GivenClassesConjunction inModule(String module) {
    return noClasses().that().resideInAPackage(module);
  }
}
