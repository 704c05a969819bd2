package sh.kaito.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.stream.Stream;

/** The arrows between modules and packages, and what may stand in a public signature. */
@AnalyzeClasses(packages = "sh.kaito", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule portsAndSpiKnowTheJdkAlone =
      classes()
          .that()
          .resideInAnyPackage("sh.kaito.api.kube..", "sh.kaito.api.provision..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "org.jspecify..",
              "org.immutables.value..",
              "javax.annotation.processing..",
              "sh.kaito.api.kube..",
              "sh.kaito.api.provision..");

  @ArchTest
  static final ArchRule apiKnowsNothingAboveIt =
      noClasses()
          .that()
          .resideInAPackage("sh.kaito.api..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("sh.kaito.core..", "sh.kaito.testkit..", "sh.kaito.azure..");

  @ArchTest
  static final ArchRule coreKnowsNothingAboveIt =
      noClasses()
          .that()
          .resideInAPackage("sh.kaito.core..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("sh.kaito.testkit..", "sh.kaito.azure..");

  @ArchTest
  static final ArchRule aPlanIsMadeWithoutManifests =
      noClasses()
          .that()
          .resideInAPackage("sh.kaito.core.plan..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "sh.kaito.core.manifest..", "sh.kaito.core.engine..", "sh.kaito.core.kube..");

  @ArchTest
  static final ArchRule catalogueAndManifestsArePure =
      noClasses()
          .that()
          .resideInAnyPackage(
              "sh.kaito.core.catalog..", "sh.kaito.core.plan..", "sh.kaito.core.manifest..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("sh.kaito.api.kube..", "java.net.http..", "okhttp3..");

  @ArchTest
  static final ArchRule timeComesFromTheScheduler =
      noClasses()
          .that()
          // The one place where the wall clock is read and threads are made.
          .doNotHaveFullyQualifiedName("sh.kaito.core.kube.MonotonicClock")
          .and()
          .doNotHaveFullyQualifiedName("sh.kaito.core.kube.SystemScheduler")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(Clock.class, "systemUTC")
          .orShould()
          .callMethod(Clock.class, "systemDefaultZone")
          .orShould()
          .callMethod(Thread.class, "sleep", long.class)
          .orShould()
          .callMethod(Math.class, "random");

  @ArchTest
  static final ArchRule oneClassKnowsMicrometer =
      noClasses()
          .that()
          .resideInAPackage("sh.kaito..")
          .and()
          // With its inner classes; whoever does not load it needs no Micrometer.
          .haveNameNotMatching("sh\\.kaito\\.core\\.engine\\.KaitoMetrics.*")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.micrometer..");

  @ArchTest
  static final ArchRule publicSignaturesNameNoJsonLibrary =
      methods()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat()
          .doNotHaveFullyQualifiedName("sh.kaito.core.engine.KaitoMetrics")
          .and()
          .areDeclaredInClassesThat(
              DescribedPredicate.describe(
                  "are public and not internal", ArchitectureTest::isPublicApi))
          .should(nameNoJsonLibrary());

  @ArchTest
  static final ArchRule namesSayWhatThingsAre =
      noClasses()
          .that()
          .resideInAPackage("sh.kaito..")
          .and()
          // Kubernetes' own word for who applies a field.
          .resideOutsideOfPackage("sh.kaito.testkit.internal.ssa")
          .should(
              new ArchCondition<>("be called Manager, Helper, Util or Impl") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                  boolean vague =
                      Stream.of("manager", "helper", "util", "utils", "impl")
                          .anyMatch(type.getSimpleName().toLowerCase(Locale.ROOT)::endsWith);
                  events.add(new SimpleConditionEvent(type, vague, type.getName()));
                }
              });

  private static boolean isPublicApi(JavaClass type) {
    // A type in a package-private interface is public by the letter and reachable for nobody.
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && !type.getPackageName().contains(".internal")
        && type.getEnclosingClass().map(ArchitectureTest::isPublicApi).orElse(true);
  }

  private static ArchCondition<JavaMethod> nameNoJsonLibrary() {
    return new ArchCondition<>("name no type of Jackson, Gson or Micrometer") {
      @Override
      public void check(JavaMethod method, ConditionEvents events) {
        Stream.concat(method.getRawParameterTypes().stream(), Stream.of(method.getRawReturnType()))
            .map(JavaClass::getPackageName)
            .filter(
                name ->
                    name.startsWith("com.fasterxml.")
                        || name.startsWith("com.google.gson")
                        || name.startsWith("io.micrometer"))
            .forEach(
                name ->
                    events.add(
                        SimpleConditionEvent.violated(
                            method, method.getFullName() + " names a type of " + name)));
      }
    };
  }
}
