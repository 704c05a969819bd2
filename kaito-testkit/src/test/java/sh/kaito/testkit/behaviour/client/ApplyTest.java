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

/** Rules for new Workspaces are not held against those that exist. */
class ApplyTest {

  @Test
  void aWorkspaceThatACatalogueNoLongerKnowsCanStillBeChangedButNotCreated() {
    try (Story story = Story.without(settings -> settings)) {
      Workspace existing = Seeds.phi3();
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
        Workspace applied = story.time.await(elsewhere.applyAsync(changed), Story.LIMIT);
        assertThat(applied.resource().preferredNodes()).containsExactly("node-7");

        Workspace another = existing.toBuilder().name("another").build();
        Throwable refused =
            Story.causeOf(() -> story.time.await(elsewhere.applyAsync(another), Story.LIMIT));
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
        story.time.await(kaito.applyAsync(Seeds.phi3()), Story.LIMIT);
        assertThat(counted.counts().writes()).isEqualTo(1);
        assertThat(counted.counts().reads()).as("reads: %s", counted.counts()).isZero();
      }
    }
  }
}
