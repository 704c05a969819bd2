package sh.kaito.testkit.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonParseException;
import sh.kaito.testkit.internal.schema.ObjectSchema.Decoded;
import sh.kaito.testkit.internal.transcripts.Transcripts;
import sh.kaito.testkit.internal.transcripts.Transcripts.Exchange;

/** Reading and checking of objects against the recorded answers of a real kube-apiserver. */
class SchemaTranscriptTest {
  private static final String[] AREAS = {
    "crd", "cel", "fieldvalidation", "errors", "core", "validation", "status", "patch", "ssa"
  };

  @TestFactory
  List<DynamicTest> createsCustomResourcesAsRecorded() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Exchange exchange : Transcripts.of(AREAS)) {
      if (exchange.method().equals("POST")
          && isCustom(exchange)
          && !isAboutTheEnvelope(exchange)
          && !storesAnotherVersion(exchange)
          && !exchange.text().contains("$from")) {
        tests.add(DynamicTest.dynamicTest(exchange.toString(), () -> create(exchange)));
      }
    }
    assertThat(tests).as("recorded creates of custom resources").hasSizeGreaterThan(40);
    return tests;
  }

  private static boolean isCustom(Exchange exchange) {
    return exchange.path().startsWith("/apis/${id}.tr.io/")
        && Json.asObject(body(exchange)) != null
        && exchange.schemaOf(body(exchange)) instanceof CustomSchema;
  }

  private static @Nullable Object body(Exchange exchange) {
    try {
      return Json.parse(exchange.text());
    } catch (JsonParseException e) {
      return null;
    }
  }

  /** Answers about names, versions and the like, which do not come from the schema. */
  private static boolean isAboutTheEnvelope(Exchange exchange) {
    if (exchange.status() == 201) {
      return exchange.selected();
    }
    if (exchange.status() == 422) {
      return causes(exchange).stream()
          .anyMatch(cause -> cause.contains("metadata.") || cause.startsWith("kind"));
    }
    return exchange.status() != 400
        || Json.text(exchange.answer(), "message").startsWith("the API version");
  }

  /** Scenarios whose objects are stored in another version than they are sent in. */
  private static boolean storesAnotherVersion(Exchange exchange) {
    return exchange.name().startsWith("versions");
  }

  private static void create(Exchange exchange) {
    CustomSchema schema =
        (CustomSchema) Objects.requireNonNull(exchange.schemaOf(body(exchange)), "schema");
    String kind = Json.text(body(exchange), "kind");
    String refused =
        kind + " in version \"" + version(exchange) + "\" cannot be handled as a " + kind + ": ";
    Decoded decoded;
    try {
      decoded = schema.decode(Json.parseTracking(exchange.text().getBytes(StandardCharsets.UTF_8)));
    } catch (DecodeException e) {
      assertThat(refused + e.getMessage()).isEqualTo(Json.text(exchange.answer(), "message"));
      return;
    }
    if ("Strict".equals(exchange.query().get("fieldValidation")) && !decoded.problems().isEmpty()) {
      assertThat(refused + "strict decoding error: " + String.join(", ", decoded.problems()))
          .isEqualTo(Json.text(exchange.answer(), "message"));
      return;
    }
    List<FieldError> errors = schema.validate(decoded.object(), null, null).errors();
    assertThat(errors.stream().map(SchemaTranscriptTest::text).sorted().toList())
        .as("causes")
        .isEqualTo(causes(exchange));
    if (exchange.status() == 201) {
      assertThat(content(decoded.object(), exchange))
          .isEqualTo(content(exchange.answer(), exchange));
      if (!"Ignore".equals(exchange.query().get("fieldValidation"))) {
        assertThat(decoded.problems().stream().map(SchemaTranscriptTest::warning).toList())
            .as("warnings")
            .isEqualTo(exchange.warnings().stream().filter(w -> w.contains(" field ")).toList());
      }
    }
  }

  private static String version(Exchange exchange) {
    String apiVersion = Json.text(body(exchange), "apiVersion");
    return apiVersion.substring(apiVersion.indexOf('/') + 1);
  }

  private static String warning(String problem) {
    return "299 - \"" + problem.replace("\"", "\\\"") + "\"";
  }

  /** An object without what the server adds, and without a status that a create discards. */
  private static String content(@Nullable Object object, Exchange exchange) {
    Map<String, @Nullable Object> copy =
        Json.copyObject(Objects.requireNonNull(Json.asObject(object)));
    copy.remove("metadata");
    if (!String.valueOf(exchange.answer()).contains("status=")) {
      copy.remove("status");
    }
    return Json.writeSorted(copy);
  }

  private static String text(FieldError error) {
    return error.field() + " | " + error.reason() + " | " + error.message();
  }

  private static List<String> causes(Exchange exchange) {
    List<@Nullable Object> causes = Json.list(exchange.answer(), "details", "causes");
    if (exchange.status() < 300 || causes == null) {
      return List.of();
    }
    return causes.stream()
        .map(
            cause ->
                Json.text(cause, "field")
                    + " | "
                    + Json.text(cause, "reason")
                    + " | "
                    + Json.text(cause, "message"))
        .sorted()
        .toList();
  }

  @TestFactory
  List<DynamicTest> checksDefinitionsAsRecorded() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Exchange exchange : Transcripts.of("crd", "cel", "ssa")) {
      Map<String, @Nullable Object> body = Json.asObject(exchange.body());
      if (exchange.method().equals("POST")
          && body != null
          && "CustomResourceDefinition".equals(body.get("kind"))
          && Set.of(201, 422).contains(exchange.status())) {
        tests.add(DynamicTest.dynamicTest(exchange.toString(), () -> define(exchange, body)));
      }
    }
    assertThat(tests).as("recorded definitions").hasSizeGreaterThan(20);
    return tests;
  }

  private static void define(Exchange exchange, Map<String, @Nullable Object> body)
      throws DecodeException {
    BuiltInSchema schema =
        Objects.requireNonNull(
            BuiltInSchema.of("apiextensions.k8s.io", "v1", "CustomResourceDefinition"));
    // The placeholder in the group's name is no name.
    String text = Json.writeString(body).replace("${id}", "zabcj");
    Map<String, @Nullable Object> real = Objects.requireNonNull(Json.asObject(Json.parse(text)));
    Map<String, @Nullable Object> definition = Json.copyObject(schema.decode(real).object());
    List<@Nullable Object> versions = Json.list(definition, "spec", "versions");
    List<@Nullable Object> stored = new ArrayList<>();
    for (Object version : versions == null ? List.of() : versions) {
      if (stored.isEmpty() && Json.isTrue(version, "storage")) {
        stored.add(Json.text(version, "name"));
      }
    }
    Map<String, @Nullable Object> status =
        Objects.requireNonNull(Json.object(definition, "status"));
    status.put("storedVersions", stored.isEmpty() ? null : stored);
    assertThat(
            CustomResourceDefinitions.validate(definition, null).stream()
                .map(SchemaTranscriptTest::text)
                .sorted()
                .toList())
        .isEqualTo(
            causes(exchange).stream()
                .filter(cause -> !cause.contains("RFC 1123 sub"))
                .map(cause -> cause.replace("${id}", "zabcj"))
                .toList());
  }

  @TestFactory
  List<DynamicTest> updatesCustomResourcesAsRecorded() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Exchange exchange : Transcripts.of(AREAS)) {
      Map<String, @Nullable Object> live = exchange.live();
      if (exchange.contentType().equals("application/merge-patch+json")
          && exchange.path().startsWith("/apis/${id}.tr.io/")
          && live != null
          && exchange.schemaOf(live) instanceof CustomSchema
          && !exchange.query().containsKey("fieldValidation")
          && !storesAnotherVersion(exchange)
          && Set.of(200, 422).contains(exchange.status())
          && causes(exchange).stream().noneMatch(cause -> cause.contains("metadata."))) {
        tests.add(DynamicTest.dynamicTest(exchange.toString(), () -> update(exchange, live)));
      }
    }
    assertThat(tests).as("recorded updates of custom resources").hasSizeGreaterThan(9);
    return tests;
  }

  private static void update(Exchange exchange, Map<String, @Nullable Object> live)
      throws DecodeException {
    CustomSchema schema = (CustomSchema) Objects.requireNonNull(exchange.schemaOf(live), "schema");
    Map<String, @Nullable Object> old = schema.adopt(live);
    Map<String, @Nullable Object> patch = Objects.requireNonNull(Json.asObject(exchange.body()));
    Map<String, @Nullable Object> updated =
        schema.decode(sh.kaito.testkit.internal.patch.MergePatch.merge(old, patch)).object();
    CustomSchema.Findings findings =
        exchange.subresource().equals("status")
            ? schema.validateStatus(updated, old, null)
            : schema.validate(updated, old, null);
    if (exchange.status() == 200) {
      assertThat(findings.warnings().stream().map(SchemaTranscriptTest::warning).toList())
          .as("warnings")
          .isEqualTo(exchange.warnings().stream().filter(w -> w.contains("value")).toList());
    }
    assertThat(findings.errors().stream().map(SchemaTranscriptTest::text).sorted().toList())
        .as("causes")
        .isEqualTo(causes(exchange));
  }

  @TestFactory
  List<DynamicTest> readsBuiltInObjectsAsRecorded() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Exchange exchange : Transcripts.of(AREAS)) {
      Map<String, @Nullable Object> answer = Json.asObject(exchange.answer());
      if (exchange.status() < 300
          && answer != null
          && !exchange.selected()
          // Node ports are placeholders in the recording.
          && !answer.toString().contains("<nodePort>")
          && exchange.schemaOf(answer) instanceof BuiltInSchema
          && !Json.text(answer, "metadata", "name").isEmpty()
          && !Json.text(answer, "metadata", "uid").isEmpty()) {
        tests.add(DynamicTest.dynamicTest(exchange.toString(), () -> roundTrip(exchange, answer)));
      }
    }
    assertThat(tests).as("recorded built-in objects").hasSizeGreaterThan(150);
    return tests;
  }

  /** What the server wrote reads back as the same text, field order included. */
  private static void roundTrip(Exchange exchange, Map<String, @Nullable Object> answer)
      throws DecodeException {
    BuiltInSchema schema =
        (BuiltInSchema) Objects.requireNonNull(exchange.schemaOf(answer), "schema");
    Decoded decoded = schema.decode(answer);
    assertThat(decoded.problems()).as("unknown fields").isEmpty();
    assertThat(lines(decoded.object())).isEqualTo(lines(answer));
  }

  /** One field a line; the recording put resourceVersion last in the metadata. */
  private static String lines(Map<String, @Nullable Object> object) {
    Map<String, @Nullable Object> copy = Json.copyObject(object);
    Objects.requireNonNull(Json.object(copy, "metadata")).remove("resourceVersion");
    return Json.writeString(copy).replace(",\"", ",\n\"");
  }
}
