package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import sh.kaito.api.model.KaitoApi;

/**
 * Transfers the fields that another writer owns by updates to this library's server-side apply, so
 * that the next apply takes away what it states no more. Without it a container that only the Go
 * operator wanted would stay for ever. Pure.
 *
 * <p>As client-go's csaupgrade does it, apart from whose fields they are: the Go operator's field
 * manager is the name of its binary, which builds choose, so it is known by what it owns: the owner
 * reference to the Workspace, which whoever creates an object for a Workspace puts there.
 */
final class ManagedFields {
  private ManagedFields() {}

  /**
   * The entries after the transfer.
   *
   * @param metadata of the object as it is
   * @param ownerUid UID of the Workspace
   * @return empty where nobody owns such a reference by updates; then there is nothing to transfer
   */
  static Optional<ArrayNode> transfer(JsonNode metadata, String ownerUid) {
    JsonNode entries = metadata.path("managedFields");
    Optional<JsonNode> maker =
        StreamSupport.stream(entries.spliterator(), false)
            .filter(ManagedFields::isUpdate)
            .filter(entry -> ownsReference(entry, ownerUid))
            .findFirst();
    if (maker.isEmpty()) {
      return Optional.empty();
    }
    String manager = maker.get().path("manager").asText();
    String version = maker.get().path("apiVersion").asText();
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    ArrayNode kept = JsonNodeFactory.instance.arrayNode();
    for (JsonNode entry : entries) {
      boolean theirs = isUpdate(entry) && entry.path("manager").asText().equals(manager);
      boolean ours =
          entry.path("operation").asText().equals("Apply")
              && entry.path("manager").asText().equals(KaitoApi.FIELD_MANAGER)
              && entry.path("subresource").asText().isEmpty();
      // Names of fields may differ between versions of a kind; what is of another is left.
      if ((theirs || ours) && entry.path("apiVersion").asText().equals(version)) {
        merge(fields, entry.path("fieldsV1"));
      } else {
        kept.add(entry);
      }
    }
    ObjectNode apply = JsonNodeFactory.instance.objectNode();
    apply.put("manager", KaitoApi.FIELD_MANAGER);
    apply.put("operation", "Apply");
    apply.put("apiVersion", version);
    apply.set("time", maker.get().path("time"));
    apply.put("fieldsType", "FieldsV1");
    apply.set("fieldsV1", fields);
    return Optional.of(JsonNodeFactory.instance.arrayNode().add(apply).addAll(kept));
  }

  private static boolean isUpdate(JsonNode entry) {
    return entry.path("operation").asText().equals("Update")
        && entry.path("subresource").asText().isEmpty()
        && entry.path("fieldsType").asText().equals("FieldsV1");
  }

  private static boolean ownsReference(JsonNode entry, String ownerUid) {
    return entry
        .path("fieldsV1")
        .path("f:metadata")
        .path("f:ownerReferences")
        .has("k:{\"uid\":\"" + ownerUid + "\"}");
  }

  /** The union of two sets of fields: an object in which every name is a path element. */
  private static void merge(ObjectNode into, JsonNode from) {
    for (Map.Entry<String, JsonNode> field : from.properties()) {
      JsonNode there = into.get(field.getKey());
      if (there instanceof ObjectNode object) {
        merge(object, field.getValue());
      } else {
        into.set(field.getKey(), field.getValue().deepCopy());
      }
    }
  }
}
