package sh.kaito.core.internal.naming;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import sh.kaito.api.model.TuningMethod;

/** Names stay what they are where they can, and are valid and distinct where they cannot. */
class DerivedNamesProperties {
  private static final String DNS_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

  /** Names of Workspaces: DNS labels of up to 63 characters. */
  @Provide
  Arbitrary<String> workspaces() {
    return Arbitraries.strings()
        .withChars("abx019-")
        .ofMinLength(1)
        .ofMaxLength(63)
        .filter(name -> name.matches(DNS_LABEL));
  }

  /** Names of adapters: subdomains of up to 253 characters, in v1alpha1 with capitals. */
  @Provide
  Arbitrary<String> adapters() {
    return Arbitraries.strings().withChars("abAB01-.x").ofMinLength(1).ofMaxLength(253);
  }

  @Property
  void everyNameIsOneThatKubernetesTakes(
      @ForAll("workspaces") String workspace, @ForAll("adapters") String adapter) {
    assertThat(DerivedNames.statefulSet(workspace)).matches(DNS_LABEL).hasSizeLessThanOrEqualTo(52);
    assertThat(DerivedNames.headlessService(workspace))
        .matches(DNS_LABEL)
        .hasSizeLessThanOrEqualTo(63);
    assertThat(DerivedNames.trainingConfig(workspace, TuningMethod.QLORA))
        .matches(DNS_LABEL)
        .hasSizeLessThanOrEqualTo(63);
    for (String wanted : Set.of(adapter, "puller-" + adapter, "adapter-volume-" + adapter)) {
      assertThat(DerivedNames.label(wanted)).matches(DNS_LABEL).hasSizeLessThanOrEqualTo(63);
    }
  }

  @Property
  void differentNamesStayDifferent(@ForAll Set<@From("adapters") String> names) {
    assertThat(names.stream().map(DerivedNames::label).collect(Collectors.toSet()))
        .hasSameSizeAs(names);
    assertThat(names.stream().map(n -> DerivedNames.label(n + "A")).collect(Collectors.toSet()))
        .as("names that all must be changed")
        .hasSameSizeAs(names);
  }

  @Property
  void namesThatDifferInCaseAreTwoNames(@ForAll("adapters") String name) {
    String other = name.toUpperCase(Locale.ROOT);

    if (!other.equals(name)) {
      assertThat(DerivedNames.label(other)).isNotEqualTo(DerivedNames.label(name));
    }
  }

  @Property
  void aNameThatLooksDerivedIsNoneOfOurs(@ForAll("adapters") String name) {
    String derived = DerivedNames.label(name + "A");

    assertThat(DerivedNames.label(derived)).isNotEqualTo(derived);
  }

  @Example
  void namesThatFitStayAsTheyAre() {
    String longest = "a".repeat(52);

    assertThat(DerivedNames.statefulSet("workspace-phi-3-mini")).isEqualTo("workspace-phi-3-mini");
    assertThat(DerivedNames.statefulSet(longest)).isEqualTo(longest);
    assertThat(DerivedNames.statefulSet(longest + "a")).matches("a{40}-x[0-9a-f]{10}");
    assertThat(DerivedNames.headlessService("workspace-llama"))
        .isEqualTo("workspace-llama-headless");
    assertThat(DerivedNames.trainingConfig("tune", TuningMethod.LORA))
        .isEqualTo("tune-lora-params");
    assertThat(DerivedNames.mainContainer("puller")).isEqualTo("main-puller");
  }
}
