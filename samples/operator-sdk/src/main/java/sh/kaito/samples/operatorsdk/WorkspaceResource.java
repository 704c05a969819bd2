package sh.kaito.samples.operatorsdk;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Map;

/** A Workspace as fabric8 sees it; what is in it is the engine's business. */
@Group("kaito.sh")
@Version("v1beta1")
@Kind("Workspace")
@Plural("workspaces")
@JsonIgnoreProperties(ignoreUnknown = true)
public final class WorkspaceResource
    extends CustomResource<Map<String, Object>, Map<String, Object>> implements Namespaced {
  private static final long serialVersionUID = 1L;
}
