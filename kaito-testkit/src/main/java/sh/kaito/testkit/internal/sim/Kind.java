package sh.kaito.testkit.internal.sim;

import com.fasterxml.jackson.databind.JsonNode;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.ResourceType;

/** The resources that the simulators read and write. */
public enum Kind {
  NODE(ResourceType.NODES),
  POD(ResourceType.PODS),
  NODE_CLAIM(ResourceType.NODECLAIMS),
  MACHINE(ResourceType.MACHINES),
  DEPLOYMENT(ResourceType.DEPLOYMENTS),
  REPLICA_SET(ResourceType.REPLICASETS),
  STATEFUL_SET(ResourceType.STATEFULSETS),
  JOB(ResourceType.JOBS);

  @SuppressWarnings("ImmutableEnumChecker") // a record of strings and a boolean
  private final ResourceType type;

  Kind(ResourceType type) {
    this.type = type;
  }

  public ResourceType type() {
    return type;
  }

  public String apiVersion() {
    return type.apiVersion();
  }

  public String kindName() {
    return type.kind();
  }

  /** Where objects of a namespace are created. */
  public String collection(String namespace) {
    return type.path(namespace);
  }

  /** The path of an object. */
  public String path(JsonNode object) {
    return type.path(ObjectKey.of(object));
  }
}
