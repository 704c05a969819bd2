package sh.kaito.api.provision;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sh.kaito.api.provision.ProvisionFailure.Kind;
import sh.kaito.api.provision.ProvisionFailure.Retry;
import sh.kaito.api.provision.ProvisionFailure.Scope;

class ProvisionFailureTest {

  private static ProvisionFailure saying(String message) {
    return ProvisionFailure.builder().kind(Kind.QUOTA).code("X").message(message).build();
  }

  @Test
  void theKindBringsAdviceAndScope() {
    assertThat(saying("no quota").retry()).isEqualTo(Retry.AFTER_ACTION);
    assertThat(saying("no quota").scope()).isEqualTo(Scope.INSTANCE_TYPE);
  }

  @Test
  void aLongMessageIsCut() {
    assertThat(saying("x".repeat(2000)).message())
        .hasSize(ProvisionFailure.LONGEST_MESSAGE)
        .endsWith("...");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "refused: Authorization: Bearer hunter2hunter2.x",
        "GET https://x.blob.core.windows.net/c?sv=2024&sig=hunter2hunter2%3D&se=1",
        "token eyJhbGciOi.eyJodW50ZXIy.hunter2hunter2 expired",
        "{\"client_secret\": \"hunter2hunter2\"}",
        "login with password=hunter2hunter2 failed"
      })
  void credentialsAreTakenOut(String message) {
    assertThat(saying(message).message()).doesNotContain("hunter2").contains("<redacted>");
  }

  @Test
  void ordinaryWordsStay() {
    String text = "Insufficient vcpu quota requested 24, remaining 0 for family NCASv3 in eastus";
    assertThat(saying(text).message()).isEqualTo(text);
  }
}
