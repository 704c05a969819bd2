package sh.kaito.testkit.internal.apiserver.strategy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import sh.kaito.testkit.internal.apiserver.Dates;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** Namespaces: label with the name, {@code spec.finalizers}, phase. */
final class NamespaceStrategy extends Strategy {
  private static final String NAME_LABEL = "kubernetes.io/metadata.name";

  @Override
  public void applyDefaults(ResourceType type, Map<String, Object> object) {
    Map<String, Object> metadata = MetadataRules.metadata(object);
    String name = Json.text(metadata, "name");
    if (name.isEmpty()) {
      return;
    }
    Map<String, Object> labels = Json.object(metadata, "labels");
    if (labels == null) {
      labels = Json.newObject();
      metadata.put("labels", labels);
    }
    labels.put(NAME_LABEL, name);
  }

  @Override
  public void prepareForCreate(ResourceType type, Map<String, Object> object) {
    applyDefaults(type, object);
    object.put("spec", Json.objectOf("finalizers", List.of("kubernetes")));
    object.put("status", Json.objectOf("phase", "Active"));
  }

  @Override
  public void prepareForUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    keep(object, old, "spec");
    keep(object, old, "status");
  }

  /** Who has cleared a namespace of its things takes its own finalizer away. */
  @Override
  public void prepareForSubresourceUpdate(
      ResourceType type, String subresource, Map<String, Object> object, Map<String, Object> old) {
    if (subresource.equals("finalize")) {
      keep(object, old, "status");
    } else {
      prepareForUpdate(type, object, old);
    }
  }

  @Override
  public List<String> nameProblem(ResourceType type, String name) {
    return Names.label(name);
  }

  @Override
  public boolean holdsDeletion(Map<String, Object> object) {
    List<Object> finalizers = Json.list(object, "spec", "finalizers");
    return finalizers != null && !finalizers.isEmpty();
  }

  @Override
  public boolean startDeletion(Map<String, Object> object, Instant now) {
    MetadataRules.metadata(object).put("deletionTimestamp", Dates.seconds(now));
    Map<String, Object> status = Json.newObject();
    status.putAll(Objects.requireNonNullElse(Json.object(object, "status"), Map.of()));
    status.put("phase", "Terminating");
    object.put("status", status);
    return true;
  }

  @Override
  public boolean returnsDeletedObject() {
    return true;
  }
}
