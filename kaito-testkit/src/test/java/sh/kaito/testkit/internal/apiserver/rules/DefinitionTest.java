package sh.kaito.testkit.internal.apiserver.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.testkit.internal.apiserver.rules.Server.DEFINITIONS;
import static sh.kaito.testkit.internal.apiserver.rules.Server.body;
import static sh.kaito.testkit.internal.apiserver.rules.Server.causes;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.json.Json;

/** CustomResourceDefinitions: names that are shared, versions that come and go, scale. */
class DefinitionTest {
  private static final String WIDGETS = "/apis/tr.io/v1/namespaces/default/widgets";

  private final Server server = new Server();

  @AfterEach
  void close() {
    server.close();
  }

  private static String version(String name, boolean storage, String properties) {
    return """
        {"name":"%s","served":true,"storage":%s,
         "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",
         "properties":{%s}}}}},
         "subresources":{"scale":{"specReplicasPath":".spec.n","statusReplicasPath":".status.n"}}}"""
        .formatted(name, storage, properties);
  }

  private static String definition(String plural, String kind, String... versions) {
    return """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
         "metadata":{"name":"%s.tr.io"},
         "spec":{"group":"tr.io","scope":"Namespaced",
         "names":{"plural":"%s","singular":"%s1","kind":"%s","shortNames":["w"]},
         "versions":[%s]}}"""
        .formatted(plural, plural, plural, kind, String.join(",", versions));
  }

  private static final String N = "\"n\":{\"type\":\"integer\"}";

  private String condition(String name, String type, String field) {
    Object definition = body(server.get(DEFINITIONS + "/" + name + ".tr.io"));
    List<Object> conditions = Json.list(definition, "status", "conditions");
    return Objects.requireNonNull(conditions, "conditions of " + name).stream()
        .filter(condition -> Json.text(condition, "type").equals(type))
        .map(condition -> Json.text(condition, field))
        .findFirst()
        .orElse("");
  }

  @Test
  void namesThatAnotherDefinitionHasWaitUntilTheyAreFree() {
    server.created(DEFINITIONS, definition("widgets", "Widget", version("v1", true, N)));
    server.created(DEFINITIONS, definition("gadgets", "Widget", version("v1", true, N)));

    assertThat(condition("gadgets", "NamesAccepted", "status")).isEqualTo("False");
    assertThat(condition("gadgets", "NamesAccepted", "reason")).isEqualTo("ListKindConflict");
    assertThat(condition("gadgets", "NamesAccepted", "message"))
        .isEqualTo("\"WidgetList\" is already in use");
    assertThat(condition("gadgets", "Established", "reason")).isEqualTo("NotAccepted");
    String gadgets = "/apis/tr.io/v1/namespaces/default/gadgets";
    assertThat(server.get(gadgets).status()).as("not served").isEqualTo(404);

    server.send(KubeRequest.delete(DEFINITIONS + "/widgets.tr.io"));

    assertThat(condition("gadgets", "NamesAccepted", "reason")).isEqualTo("NoConflicts");
    assertThat(condition("gadgets", "Established", "status")).isEqualTo("True");
    assertThat(server.get(gadgets).status()).as("served").isEqualTo(200);
  }

  @Test
  void aNewStorageVersionIsRecordedAndTheOldOneMustStay() {
    server.created(DEFINITIONS, definition("widgets", "Widget", version("v1", true, N)));
    String path = DEFINITIONS + "/widgets.tr.io";
    KubeResponse changed =
        server.patch(
            path,
            """
            [{"op":"replace","path":"/spec/versions/0/storage","value":false},
             {"op":"add","path":"/spec/versions/-","value":%s}]"""
                .formatted(version("v2", true, N)));
    assertThat(changed.status()).as(changed.bodyText()).isEqualTo(200);
    assertThat(Json.list(body(changed), "status", "storedVersions")).containsExactly("v1", "v2");

    String removal = "[{\"op\":\"remove\",\"path\":\"/spec/versions/0\"}]";
    assertThat(causes(server.patch(path, removal)))
        .as("objects may still be stored in v1")
        .singleElement()
        .asString()
        .startsWith(
            "status.storedVersions[0]: Invalid value: \"v1\": missing from spec.versions; v1 was"
                + " previously a storage version");
    server.merge(path + "/status", "{\"status\":{\"storedVersions\":[\"v2\"]}}");
    assertThat(server.patch(path, removal).status()).isEqualTo(200);
  }

  @Test
  void establishedNamesAndScopeAreImmutable() {
    server.created(DEFINITIONS, definition("widgets", "Widget", version("v1", true, N)));
    KubeResponse refused =
        server.merge(
            DEFINITIONS + "/widgets.tr.io",
            "{\"spec\":{\"scope\":\"Cluster\",\"names\":{\"kind\":\"Other\"}}}");
    assertThat(causes(refused))
        .contains(
            "spec.scope: Invalid value: \"Cluster\": field is immutable",
            "spec.names.kind: Invalid value: \"Other\": field is immutable");
  }

  @Test
  void webhookConversionNeedsAWebhook() {
    String text =
        definition("widgets", "Widget", version("v1", true, N))
            .replace("\"group\"", "\"conversion\":{\"strategy\":\"Webhook\"},\"group\"");
    assertThat(causes(server.post(DEFINITIONS, text)))
        .containsExactlyInAnyOrder(
            "spec.conversion.webhookClientConfig: Required value: required when strategy is set to"
                + " Webhook",
            "spec.conversion.conversionReviewVersions: Required value");
  }

  private static String rule(String rule) {
    return """
        "n":{"type":"integer","x-kubernetes-validations":[{"rule":"%s","messageExpression":"'m'"}]}"""
        .formatted(rule);
  }

  @Test
  void rulesAreCheckedAgainstTheTypesOfTheSchema() {
    String field =
        "spec.validation.openAPIV3Schema.properties[spec].properties[n].x-kubernetes-validations[0]"
            + ".rule: Invalid value: {\"Rule\":\"%s\",\"Message\":\"\",\"MessageExpression\":\"'m'\","
            + "\"Reason\":null,\"FieldPath\":\"\",\"OptionalOldSelf\":null}: %s";
    String number = definition("widgets", "Widget", version("v1", true, rule("self")));
    assertThat(causes(server.post(DEFINITIONS, number)))
        .containsExactly(field.formatted("self", "cel expression must evaluate to a bool"));
    String selection = definition("widgets", "Widget", version("v1", true, rule("self.x")));
    assertThat(causes(server.post(DEFINITIONS, selection)))
        .containsExactly(
            field.formatted(
                "self.x",
                "compilation failed: ERROR: <input>:1:5: type 'int' does not support field"
                    + " selection\n | self.x\n | ....^"));
    assertThat(
            server
                .post(
                    DEFINITIONS,
                    definition(
                        "widgets", "Widget", version("v1", true, rule("self.isSorted() ||"))))
                .bodyText())
        .contains("compilation failed: ERROR: \\u003cinput\\u003e:1:19: Syntax error: ");
    server.created(
        DEFINITIONS, definition("widgets", "Widget", version("v1", true, rule("self >= oldSelf"))));
  }

  @Test
  void fieldsThatOnlyAnotherVersionKnowsAreLostByAWriteInThisOne() {
    server.created(
        DEFINITIONS,
        definition(
            "widgets",
            "Widget",
            version("v1", true, N + ",\"b\":{\"type\":\"string\",\"default\":\"one\"}"),
            version("v2", false, N)));
    server.created(
        WIDGETS,
        """
        {"apiVersion":"tr.io/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"n":1,"b":"two"}}""");
    String second = WIDGETS.replace("v1", "v2") + "/a";
    assertThat(Json.object(body(server.get(second)), "spec")).containsOnlyKeys("n");
    assertThat(server.merge(second, "{\"spec\":{\"n\":2}}").status()).isEqualTo(200);
    assertThat(Json.text(body(server.get(WIDGETS + "/a")), "spec", "b"))
        .as("the storage version's default stands in")
        .isEqualTo("one");
  }

  @Test
  void aSchemaThatChangesShowsInWhatWasStoredBefore() {
    server.created(DEFINITIONS, definition("widgets", "Widget", version("v1", true, N)));
    server.created(
        WIDGETS,
        "{\"apiVersion\":\"tr.io/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"n\":1}}");
    server.patch(
        DEFINITIONS + "/widgets.tr.io",
        """
        [{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/x",
          "value":{"type":"string","default":"new"}}]""");
    assertThat(Json.text(body(server.get(WIDGETS + "/a")), "spec", "x")).isEqualTo("new");
  }

  @Test
  void anotherKindIsRefusedInAPatch() {
    server.created(DEFINITIONS, definition("widgets", "Widget", version("v1", true, N)));
    server.created(
        WIDGETS, "{\"apiVersion\":\"tr.io/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"a\"}}");
    assertThat(Server.message(server.merge(WIDGETS + "/a", "{\"kind\":\"Other\"}")))
        .isEqualTo("Other.tr.io \"a\" is invalid: kind: Invalid value: \"Other\": must be Widget");
  }

  @Test
  void scaleNeedsReplicasToRead() {
    server.created(DEFINITIONS, definition("widgets", "Widget", version("v1", true, N)));
    server.created(
        WIDGETS, "{\"apiVersion\":\"tr.io/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"a\"}}");
    KubeResponse unset = server.get(WIDGETS + "/a/scale");
    assertThat(unset.status()).isEqualTo(500);
    assertThat(Server.message(unset))
        .isEqualTo("Internal error occurred: the spec replicas field \".spec.n\" does not exist");

    KubeResponse written =
        server.put(
            WIDGETS + "/a/scale",
            "{\"metadata\":{\"name\":\"a\",\"namespace\":\"default\"},\"spec\":{\"replicas\":4}}");
    assertThat(written.status()).as(written.bodyText()).isEqualTo(200);
    assertThat(Json.integer(body(server.get(WIDGETS + "/a")), 0, "spec", "n")).isEqualTo(4);
    assertThat(
            Server.message(
                server.put(
                    WIDGETS + "/a/scale",
                    "{\"metadata\":{\"name\":\"a\",\"namespace\":\"default\"},\"spec\":{\"replicas\":-1}}")))
        .isEqualTo(
            "Scale.autoscaling \"a\" is invalid: spec.replicas: Invalid value: -1: must be greater"
                + " than or equal to 0");
  }

  @Test
  void scaleIsAppliedWithOwnershipOfTheReplicas() {
    server.created(DEFINITIONS, definition("widgets", "Widget", version("v1", true, N)));
    server.apply(
        WIDGETS + "/a?fieldManager=one",
        "{\"apiVersion\":\"tr.io/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"n\":1}}");
    String scale =
        """
        {"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"a"},
         "spec":{"replicas":7}}""";
    KubeResponse refused = server.apply(WIDGETS + "/a/scale?fieldManager=two", scale);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(Server.message(refused))
        .isEqualTo("Apply failed with 1 conflict: conflict with \"one\": .spec.replicas");
    server.apply(WIDGETS + "/a/scale?fieldManager=two&force=true", scale);
    Object widget = body(server.get(WIDGETS + "/a"));
    assertThat(Json.integer(widget, 0, "spec", "n")).isEqualTo(7);
    assertThat(Json.list(widget, "metadata", "managedFields"))
        .extracting(entry -> Json.text(entry, "manager") + "/" + Json.text(entry, "subresource"))
        .contains("two/scale");
  }
}
