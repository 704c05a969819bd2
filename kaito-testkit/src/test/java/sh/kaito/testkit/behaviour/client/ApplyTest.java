package sh.kaito.testkit.behaviour.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.Workspace;
import sh.kaito.core.catalog.CloudProvider;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.client.WorkspaceException;
import sh.kaito.core.client.WorkspaceException.Kind;
import sh.kaito.core.kube.CountingTransport;
import sh.kaito.core.plan.Planner;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;

/** Rules for new Workspaces are not held against those that exist. */
@KaitoCluster
class ApplyTest {

  @Test
  void aWorkspaceThatACatalogueNoLongerKnowsCanStillBeChangedButNotCreated() {
    try (Story story = Story.without(settings -> settings)) {
      Workspace existing = story.own(Seeds.phi3());
      story.apply(existing);
      CountingTransport counted = CountingTransport.of(story.cluster.transport());
      try (WorkspaceClient elsewhere =
          WorkspaceClient.builder()
              .transport(counted)
              .scheduler(story.time)
              .planner(Planner.builder().cloud(CloudProvider.AWS).build())
              .build()) {
        Workspace changed =
            existing.toBuilder()
                .resource(
                    nodes -> nodes.from(existing.resource()).preferredNodes(List.of("node-7")))
                .build();
        Workspace applied = story.await(elsewhere.applyAsync(changed));
        assertThat(applied.resource().preferredNodes()).containsExactly("node-7");

        Workspace another = existing.toBuilder().key(story.key("another")).build();
        Throwable refused = Story.causeOf(() -> story.await(elsewhere.applyAsync(another)));
        assertThat(refused).isInstanceOf(WorkspaceException.class);
        assertThat(((WorkspaceException) refused).kind()).isEqualTo(Kind.INVALID);
        assertThat(refused).hasMessageContaining("Standard_NC6s_v3");
        assertThat(counted.counts().writes()).as("the refused one was not sent").isEqualTo(1);
      }
    }
  }

  @Test
  void anApplyWithoutObjectionsIsOneRequest() {
    try (Story story = Story.without(settings -> settings)) {
      CountingTransport counted = CountingTransport.of(story.cluster.transport());
      try (WorkspaceClient kaito = WorkspaceClient.create(counted, story.time)) {
        story.await(kaito.applyAsync(story.own(Seeds.phi3())));
        assertThat(counted.counts().writes()).isEqualTo(1);
        assertThat(counted.counts().reads()).as("reads: %s", counted.counts()).isZero();
      }
    }
  }
}
