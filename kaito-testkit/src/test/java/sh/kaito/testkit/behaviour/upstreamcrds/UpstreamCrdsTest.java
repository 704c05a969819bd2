package sh.kaito.testkit.behaviour.upstreamcrds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sh.kaito.api.model.KaitoCrd;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/**
 * The operator on the definitions that the Go operator installs: no CEL, conditions a plain list,
 * and at v0.3.1 no v1beta1. {@code KAITO_UPSTREAM_CRDS} names the folder that holds them.
 */
@KaitoCluster
@EnabledIfEnvironmentVariable(
    named = "KAITO_UPSTREAM_CRDS",
    matches = ".+",
    disabledReason = "KAITO_UPSTREAM_CRDS names no folder with upstream's CRDs")
class UpstreamCrdsTest {

  @ParameterizedTest
  @Needs(ClusterFeature.VIRTUAL_TIME)
  @ValueSource(strings = {"workspaces-v0.12.0.yaml", "workspaces-v0.3.1.yaml"})
  void aWorkspaceComesUpSettlesAndGoes(String definition) {
    try (Story story =
        Story.begin(
            cluster ->
                cluster.crds(
                    List.of(
                        crd("workspaces.kaito.sh", definition),
                        crd("nodeclaims.karpenter.sh", "nodeclaims-v1.yaml"))))) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.time.advance(Duration.ofMinutes(1));
      var before = story.requests();
      story.time.advance(Duration.ofHours(1));
      var hour = story.requests().since(before);
      assertThat(hour.writes()).as("writes of a settled workspace:%n%s", hour).isZero();
      story.delete(key);
      assertThat(story.cluster.nodes().bill().running()).isZero();
    }
  }

  private static KaitoCrd crd(String name, String file) {
    Path path = Path.of(System.getenv("KAITO_UPSTREAM_CRDS")).resolve(file);
    try {
      return new KaitoCrd(name, Files.readString(path));
    } catch (IOException e) {
      throw new UncheckedIOException("KAITO_UPSTREAM_CRDS holds no readable " + file, e);
    }
  }
}
