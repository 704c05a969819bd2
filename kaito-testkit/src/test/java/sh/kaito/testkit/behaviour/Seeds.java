package sh.kaito.testkit.behaviour;

import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.Workspaces;

/** Workspaces that the behaviour tests apply. */
public final class Seeds {
  private Seeds() {}

  /**
   * The Workspace of the seeds: phi-3-mini-4k-instruct on a V100, which is served by its own image.
   */
  public static Workspace phi3() {
    InputStream yaml = Seeds.class.getResourceAsStream("/seeds/workspace-phi-3-mini.yaml");
    return Workspaces.read(Objects.requireNonNull(yaml), "workspace-phi-3-mini.yaml");
  }

  /** A preset on an A100, which vLLM serves. */
  public static Workspace onA100(String name, String preset) {
    return Workspace.builder()
        .apiVersion(ApiVersion.V1BETA1)
        .name(name)
        .resource(
            nodes ->
                nodes.instanceType("Standard_NC24ads_A100_v4").matchLabels(Map.of("apps", name)))
        .inference(inference -> inference.preset(preset))
        .build();
  }
}
