package sh.kaito.testkit.internal.apiserver.strategy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** What holds for {@code metadata} of every object. Pure functions. */
public final class MetadataRules {
  private static final int ANNOTATIONS_LIMIT = 256 * 1024;

  private MetadataRules() {}

  /** Complaints about the metadata of an object. */
  public static void validate(
      ResourceType type, Strategy strategy, Map<String, Object> object, List<Cause> causes) {
    Map<String, Object> metadata = metadata(object);
    String generateName = Json.text(metadata, "generateName");
    if (!generateName.isEmpty()) {
      String checked =
          generateName.endsWith("-")
              ? generateName.substring(0, generateName.length() - 1) + "a"
              : generateName;
      strategy
          .nameProblem(type, checked)
          .forEach(
              problem -> causes.add(Cause.invalid("metadata.generateName", generateName, problem)));
    }
    String name = Json.text(metadata, "name");
    if (name.isEmpty()) {
      causes.add(Cause.required("metadata.name", "name or generateName is required"));
    } else {
      strategy
          .nameProblem(type, name)
          .forEach(problem -> causes.add(Cause.invalid("metadata.name", name, problem)));
    }
    labels(Json.object(metadata, "labels"), "metadata.labels", causes);
    annotations(Json.object(metadata, "annotations"), "metadata.annotations", causes);
    owners(Json.list(metadata, "ownerReferences"), causes);
    finalizers(Json.list(metadata, "finalizers"), causes);
  }

  /** Complaints about labels, also those of pod templates. */
  public static void labels(
      @Nullable Map<String, Object> labels, String field, List<Cause> causes) {
    if (labels == null) {
      return;
    }
    labels.forEach(
        (key, value) -> {
          Names.qualified(key).forEach(problem -> causes.add(Cause.invalid(field, key, problem)));
          String text = String.valueOf(value);
          Names.labelValue(text)
              .forEach(problem -> causes.add(Cause.invalid(field, text, problem)));
        });
  }

  /** Complaints about annotations. */
  public static void annotations(
      @Nullable Map<String, Object> annotations, String field, List<Cause> causes) {
    if (annotations == null) {
      return;
    }
    long size = 0;
    for (Map.Entry<String, Object> entry : annotations.entrySet()) {
      // Keys are judged without regard to case.
      Names.qualified(entry.getKey().toLowerCase(Locale.ROOT))
          .forEach(problem -> causes.add(Cause.invalid(field, entry.getKey(), problem)));
      size += bytes(entry.getKey()) + bytes(String.valueOf(entry.getValue()));
    }
    if (size > ANNOTATIONS_LIMIT) {
      causes.add(Cause.tooLong(field, ANNOTATIONS_LIMIT));
    }
  }

  private static long bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static void owners(@Nullable List<Object> owners, List<Cause> causes) {
    if (owners == null) {
      return;
    }
    String controller = null;
    for (int i = 0; i < owners.size(); i++) {
      Object owner = owners.get(i);
      String field = "metadata.ownerReferences";
      String apiVersion = Json.text(owner, "apiVersion");
      if (apiVersion.isEmpty() || apiVersion.indexOf('/') != apiVersion.lastIndexOf('/')) {
        causes.add(Cause.invalid(field + ".apiVersion", apiVersion, "version must not be empty"));
      }
      if (Json.text(owner, "kind").isEmpty()) {
        causes.add(Cause.invalid(field + ".kind", "", "must not be empty"));
      }
      if (Json.text(owner, "name").isEmpty()) {
        causes.add(Cause.invalid(field + ".name", "", "must not be empty"));
      }
      if (Json.text(owner, "uid").isEmpty()) {
        causes.add(Cause.invalid(field + ".uid", "", "must not be empty"));
      }
      if (Json.isTrue(owner, "controller")) {
        String named = Json.text(owner, "kind") + "/" + Json.text(owner, "name");
        if (controller != null) {
          causes.add(
              new Cause(
                  "FieldValueInvalid",
                  field,
                  "Invalid value: "
                      + Json.writeString(owners)
                      + ": Only one reference can have Controller set to true. Found \"true\" in"
                      + " references for "
                      + controller
                      + " and "
                      + named));
        } else {
          controller = named;
        }
      }
    }
  }

  private static void finalizers(@Nullable List<Object> finalizers, List<Cause> causes) {
    if (finalizers == null) {
      return;
    }
    boolean orphan = finalizers.contains("orphan");
    boolean foreground = finalizers.contains("foregroundDeletion");
    if (orphan && foreground) {
      causes.add(
          new Cause(
              "FieldValueInvalid",
              "metadata.finalizers",
              "Invalid value: "
                  + Json.writeString(finalizers)
                  + ": finalizer orphan and foregroundDeletion cannot be both set"));
    }
    for (Object finalizer : finalizers) {
      String text = String.valueOf(finalizer);
      Names.qualified(text)
          .forEach(problem -> causes.add(Cause.invalid("metadata.finalizers", text, problem)));
    }
  }

  /** Complaints about a change of metadata. */
  public static void validateUpdate(
      Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    Map<String, Object> now = metadata(object);
    Map<String, Object> was = metadata(old);
    if (was.get("deletionTimestamp") != null) {
      List<String> added = new ArrayList<>();
      List<Object> before = Objects.requireNonNullElse(Json.list(was, "finalizers"), List.of());
      List<Object> after = Objects.requireNonNullElse(Json.list(now, "finalizers"), List.of());
      for (Object finalizer : after) {
        if (!before.contains(finalizer)) {
          added.add(Quoting.go(String.valueOf(finalizer)));
        }
      }
      if (!added.isEmpty()) {
        added.sort(null);
        causes.add(
            Cause.forbidden(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, found new"
                    + " finalizers []string{"
                    + String.join(", ", added)
                    + "}"));
      }
    }
    for (String field :
        List.of(
            "name",
            "namespace",
            "uid",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds")) {
      if (!Objects.equals(now.get(field), was.get(field))) {
        causes.add(immutable("metadata." + field, now.get(field)));
      }
    }
  }

  static Cause immutable(String field, @Nullable Object value) {
    return new Cause(
        "FieldValueInvalid",
        field,
        "Invalid value: " + Quoting.json(value) + ": field is immutable");
  }

  /** The metadata of an object, made when absent. */
  public static Map<String, Object> metadata(Map<String, Object> object) {
    return Optional.ofNullable(Json.object(object, "metadata"))
        .orElseGet(
            () -> {
              Map<String, Object> created = Json.newObject();
              object.put("metadata", created);
              return created;
            });
  }
}
