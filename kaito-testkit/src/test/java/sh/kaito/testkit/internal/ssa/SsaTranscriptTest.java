package sh.kaito.testkit.internal.ssa;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.ObjectSchema;
import sh.kaito.testkit.internal.schema.Refusal;
import sh.kaito.testkit.internal.transcripts.Transcripts;
import sh.kaito.testkit.internal.transcripts.Transcripts.Exchange;

/** Field ownership against the recorded answers of a real kube-apiserver. */
class SsaTranscriptTest {
  private static final Instant NOW = Instant.parse(Transcripts.TIME);

  /** Kinds whose objects are stored as the request and the defaults make them. */
  private static final Set<String> UNTOUCHED =
      Set.of("ConfigMap", "Deployment", "Secret", "Widget", "Workspace", "Lease", "StatefulSet");

  @TestFactory
  List<DynamicTest> appliesAsRecorded() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Exchange exchange : Transcripts.of("ssa", "dryrun", "status", "patch", "crd", "cel")) {
      if (exchange.contentType().startsWith("application/apply-patch+yaml")
          && Json.asObject(exchange.body()) != null
          && exchange.query().containsKey("fieldManager")
          && isJudgedHere(exchange)
          // The scale of an object is another kind; its ownership is translated by ScaleFields.
          && !exchange.subresource().equals("scale")
          && (exchange.live() != null || exchange.status() != 200)) {
        tests.add(DynamicTest.dynamicTest(exchange.toString(), () -> apply(exchange)));
      }
    }
    assertThat(tests).as("recorded applies").hasSizeGreaterThan(80);
    return tests;
  }

  private static boolean isJudgedHere(Exchange exchange) {
    String message = Json.text(exchange.answer(), "message");
    return switch (exchange.status()) {
      case 200, 201 -> !exchange.selected();
      case 409 -> message.startsWith("Apply failed");
      case 500 -> message.startsWith("failed to create typed");
      case 400 -> message.startsWith("metadata.managedFields");
      default -> false;
    };
  }

  private static void apply(Exchange exchange) {
    ObjectSchema schema = Objects.requireNonNull(exchange.schemaOf(exchange.body()), "schema");
    Map<String, @Nullable Object> body = Objects.requireNonNull(Json.asObject(exchange.body()));
    ManagedFields fields = managedFields(exchange, schema, exchange.body());
    Map<String, @Nullable Object> result;
    try {
      result =
          fields.apply(
              exchange.live(),
              body,
              exchange.manager(),
              "true".equals(exchange.query().get("force")),
              NOW);
    } catch (Refusal e) {
      assertThat(exchange.status()).as("refused: %s", e.getMessage()).isEqualTo(e.status());
      assertThat(e).hasMessage(Json.text(exchange.answer(), "message"));
      return;
    }
    assertThat(exchange.status())
        .as("accepted, but recorded as %s", exchange.answer())
        .isLessThan(300);
    assertThat(entries(result)).isEqualTo(entries(exchange.answer()));
    if ("ConfigMap".equals(body.get("kind"))) {
      assertThat(Json.get(result, "data")).isEqualTo(Json.get(exchange.answer(), "data"));
    }
  }

  @TestFactory
  List<DynamicTest> tracksWritesAsRecorded() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Exchange exchange :
        Transcripts.of(
            "ssa", "status", "patch", "core", "crd", "cel", "fieldvalidation", "lease")) {
      boolean write =
          Set.of("POST", "PUT", "PATCH").contains(exchange.method())
              && !exchange.contentType().startsWith("application/apply-patch");
      boolean sendsEntries =
          exchange.text().contains("managedFields") || exchange.text().contains("$from");
      if (write
          && exchange.status() < 300
          && !exchange.selected()
          && !exchange.text().contains("$patch")
          && !sendsEntries
          && !losesFields(exchange)
          && UNTOUCHED.contains(Json.text(exchange.answer(), "kind"))
          && (exchange.live() != null || exchange.method().equals("POST"))) {
        tests.add(DynamicTest.dynamicTest(exchange.toString(), () -> track(exchange)));
      }
    }
    assertThat(tests).as("recorded writes").hasSizeGreaterThan(80);
    return tests;
  }

  /** Whether ownership was settled on fields that the answer does not show any more. */
  private static boolean losesFields(Exchange exchange) {
    boolean severalVersions =
        exchange.definitions().values().stream()
            .anyMatch(
                crd -> String.valueOf(Json.list(crd, "spec", "versions")).contains("v1alpha1"));
    return severalVersions
        || (exchange.subresource().equals("status")
            && (exchange.method().equals("PUT")
                || exchange.text().matches(".*\"(metadata|resource)\".*")));
  }

  private static void track(Exchange exchange) {
    ObjectSchema schema = Objects.requireNonNull(exchange.schemaOf(exchange.answer()), "schema");
    Map<String, @Nullable Object> updated =
        Json.copyObject(Objects.requireNonNull(Json.asObject(exchange.answer())));
    Map<String, @Nullable Object> metadata =
        Objects.requireNonNull(Json.object(updated, "metadata"));
    metadata.remove("managedFields");
    if (exchange.live() == null) {
      // What the server adds to a new object is not there yet when ownership is settled.
      metadata
          .keySet()
          .retainAll(
              Set.of(
                  "name",
                  "generateName",
                  "namespace",
                  "labels",
                  "annotations",
                  "finalizers",
                  "ownerReferences"));
    }
    Map<String, @Nullable Object> result =
        managedFields(exchange, schema, exchange.answer())
            .update(exchange.live(), updated, cut(exchange.manager()), NOW);
    if (exchange.live() != null) {
      result = ManagedFields.keepTimes(exchange.live(), result);
    }
    assertThat(entries(result)).isEqualTo(entries(exchange.answer()));
  }

  /** A manager that comes from a User-Agent is cut to 128 characters. */
  private static String cut(String manager) {
    return manager.substring(0, Math.min(128, manager.length()));
  }

  private static ManagedFields managedFields(
      Exchange exchange, ObjectSchema schema, @Nullable Object object) {
    String subresource = exchange.subresource();
    boolean status = subresource.equals("status");
    boolean hasStatus =
        Set.of(
                    "Deployment",
                    "StatefulSet",
                    "Pod",
                    "Service",
                    "CustomResourceDefinition",
                    "Workspace")
                .contains(Json.text(object, "kind"))
            || hasStatusSubresource(exchange, object);
    FieldSet reset =
        status ? FieldSet.of("spec") : hasStatus ? FieldSet.of("status") : FieldSet.of();
    return ManagedFields.of(
        new ManagedFields.Target(
            Json.text(object, "apiVersion"), Json.text(object, "kind"), subresource, reset),
        schema.empty(),
        version -> schema.applyType());
  }

  private static boolean hasStatusSubresource(Exchange exchange, @Nullable Object object) {
    String apiVersion = Json.text(object, "apiVersion");
    String group = apiVersion.substring(0, Math.max(0, apiVersion.indexOf('/')));
    Object definition = exchange.definitions().get(group + "/" + Json.text(object, "kind"));
    List<@Nullable Object> versions = Json.list(definition, "spec", "versions");
    return versions != null
        && versions.stream().anyMatch(v -> Json.get(v, "subresources", "status") != null);
  }

  /** Entries sorted by everything but the time; a time is either there or not. */
  private static List<String> entries(@Nullable Object object) {
    List<@Nullable Object> entries = Json.list(object, "metadata", "managedFields");
    List<String> result = new ArrayList<>();
    if (entries != null) {
      for (Object entry : entries) {
        Map<String, @Nullable Object> copy =
            Json.copyObject(Objects.requireNonNull(Json.asObject(entry)));
        copy.replaceAll((key, value) -> key.equals("time") ? "T" : value);
        result.add(Json.writeSorted(copy).replace("\"fieldsV1\"", "\n  \"fieldsV1\""));
      }
    }
    result.sort(Comparator.naturalOrder());
    return result;
  }
}
