package sh.kaito.core.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.Workspace;
import sh.kaito.core.catalog.HttpDialect;
import sh.kaito.core.catalog.ServingRuntime;

class PlannerTest {
  private final Planner planner = Planner.builder().build();

  private static Workspace.Builder serve(String preset, String instanceType) {
    return Workspace.builder()
        .apiVersion(ApiVersion.V1ALPHA1)
        .name("w")
        .resource(
            resource ->
                resource.instanceType(instanceType).matchLabels(java.util.Map.of("apps", "phi-3")))
        .inference(inference -> inference.preset(preset));
  }

  @Test
  void theSeedsWorkspace() {
    Plan plan =
        planner.plan(serve("phi-3-mini-4k-instruct", "Standard_NC6s_v3").build()).orElseThrow();

    assertThat(plan.nodes().count()).isEqualTo(1);
    assertThat(plan.runtime().orElseThrow().runtime()).isEqualTo(ServingRuntime.LEGACY_IMAGE);
    assertThat(plan.httpDialect()).contains(HttpDialect.TEXT_GENERATION);
  }
}
