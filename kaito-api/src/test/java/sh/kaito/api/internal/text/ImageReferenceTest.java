package sh.kaito.api.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "busybox",
        "busybox:1.36",
        "registry.example.org/adapters/style:2",
        "localhost:5000/a/b:tag",
        "localhost/a",
        "REGISTRY.example.org/a",
        "Registry/a",
        "a/b__c/d-e---f.g:V1.0_rc",
        "a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "r.io/a:1@sha256:0123456789abcdef0123456789abcdef",
        "[::1]:5000/a",
        "mcr.microsoft.com/aks/kaito/kaito-phi-3-mini-4k-instruct:0.0.3",
      })
  void valid(String reference) {
    assertThat(ImageReference.problem(reference)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ACR_REPO_HERE.azurecr.io/IMAGE_NAME_HERE:0.0.1, has no valid registry",
    "registry.example.org/OUT/My_Adapter:1, has capital letters",
    "a.azurecr.io/UP:1, has capital letters",
    "UP, has capital letters",
    "'', is empty",
    "'a b', has the invalid part",
    "a:, has no valid tag",
    "a:-1, has no valid tag",
    "a@sha256:12, has no digest",
    "a//b, has an empty part",
    "/a, has an empty part",
    "a/, has an empty part",
    "a_, has the invalid part",
    "a___b, has the invalid part",
    "a..b, has the invalid part",
    "-a.io/b, has no valid registry",
    "a.io:port/b, has no valid registry",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, is 64 hexadecimal digits",
    "'a;rm -rf /', has ",
    "$(x)/a, has ",
  })
  void invalid(String reference, String problem) {
    assertThat(ImageReference.problem(reference).orElse("valid")).startsWith(problem);
  }

  @Test
  void longReferencesAreRefusedAtOnce() {
    assertThat(ImageReference.problem("a".repeat(300))).isPresent();
    assertThat(ImageReference.problem("a-".repeat(5_000_000))).isPresent();
  }
}
