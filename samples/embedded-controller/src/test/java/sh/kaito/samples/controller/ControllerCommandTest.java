package sh.kaito.samples.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sh.kaito.core.install.Finding;

/** The command line: what it takes, and what it says of mistakes. */
class ControllerCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... arguments) {
    return ControllerCommand.run(
        List.of(arguments),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @Test
  void valuesMayFollowAnEqualsSignOrABlank() {
    Options options =
        Options.parse(
            List.of(
                "--provisioner=karpenter",
                "--namespaces",
                "a,b",
                "--leader-elect",
                "--workers=4",
                "--node-class=karpenter.k8s.aws/EC2NodeClass/gpu"));
    assertThat(options.namespaces).containsExactly("a", "b");
    assertThat(options.lease).contains("kaito-system/kaito");
    assertThat(options.workers).isEqualTo(4);
    assertThat(options.nodeClass.kind()).isEqualTo("EC2NodeClass");
    assertThat(options.metricsPort).as("nothing listens unless told").isEmpty();
    assertThat(options.installCrds).as("nothing is installed unless told").isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --workers=4                      | --provisioner is missing; allowed are gpu-provisioner
          --provisioner=karpentr           | found "karpentr", allowed are gpu-provisioner, karpenter
          --provisioner=byo --workers=0    | --workers: found "0", allowed is a number from 1 to 1000
          --provisioner=byo --leader-elect=x | allowed is NAMESPACE/NAME
          --provisioner=byo --install-crds=no | --install-crds takes no value
          --provisioner=byo --metrics-port | --metrics-port needs a value
          --provisioner=byo --worker=3     | unknown option --worker
          """)
  void mistakesAreNamed(String line, String message) {
    assertThatThrownBy(() -> Options.parse(List.of(line.split(" "))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
    assertThat(run(line.split(" "))).as("exit code").isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains(message).contains("--help");
  }

  @Test
  void helpNamesEveryOption() {
    assertThat(run("--help")).isZero();
    String help = out.toString(StandardCharsets.UTF_8);
    var named = Pattern.compile("(?m)^  (--[a-z-]+)").matcher(help);
    assertThat(named.results().map(match -> match.group(1)))
        .contains("--provisioner", "--namespaces", "--leader-elect", "--metrics-port", "--workers")
        .contains("--install-crds", "--check", "--print-rbac", "--alongside-go-operator")
        .contains("--adopt");
  }

  @Test
  void permissionsFollowTheOptions() {
    run("--provisioner=machine", "--namespaces=gpu", "--leader-elect=ops/kaito", "--print-rbac");
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("resources: [\"machines\"]")
        .contains("kind: Role\nmetadata:\n  name: kaito-controller\n  namespace: gpu")
        .contains("name: kaito-controller-lease\n  namespace: ops")
        .doesNotContain("nodeclaims", "customresourcedefinitions");
  }

  @Test
  void permissionsToChangeHandsAreAskedForByName() {
    assertThat(run("--provisioner=machine", "--adopt=all", "--print-rbac")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("controllerrevisions", "nodepools", "\"nodeclaims\", \"machines\"");
    assertThatThrownBy(() -> Options.parse(List.of("--provisioner=machine", "--adopt=some")))
        .hasMessage("--adopt: found \"some\", allowed are on-request, all");
  }

  @Test
  void permissionsComeWithTheNamespacesThatTheyNeed() {
    assertThat(run("--provisioner=byo", "--leader-elect=ops/kaito", "--print-rbac")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .startsWith("---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: kaito-system\n")
        .contains("kind: Namespace\nmetadata:\n  name: ops\n")
        .contains("kind: ServiceAccount\nmetadata:\n  name: kaito\n  namespace: kaito-system\n");
  }

  @Test
  void aCheckEndsInAVerdict() {
    Finding error = new Finding(Finding.Severity.ERROR, "definition", "is missing", "install it");
    Finding warning = new Finding(Finding.Severity.WARNING, "plugin", "is missing", "install it");
    assertThat(ControllerCommand.verdict(List.of())).isEqualTo("OK: it can work here");
    assertThat(ControllerCommand.verdict(List.of(warning)))
        .isEqualTo("OK: it can work here, with 1 warning");
    assertThat(ControllerCommand.verdict(List.of(error, warning, warning)))
        .startsWith("NOT READY: 1 error and 2 warnings;");
  }
}
