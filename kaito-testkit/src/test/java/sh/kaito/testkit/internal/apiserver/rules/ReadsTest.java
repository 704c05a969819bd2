package sh.kaito.testkit.internal.apiserver.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.testkit.internal.apiserver.rules.Server.body;
import static sh.kaito.testkit.internal.apiserver.rules.Server.message;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.json.Json;

/** Lists, documents and the paths of requests that make no sense. */
class ReadsTest {
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";

  private final Server server = new Server();

  @AfterEach
  void close() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          continue=%21   | invalid continue token: continue key is not valid: illegal base64 data at input byte 0
          continue=abc   | invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value
          limit=x        | strconv.ParseInt: parsing "x": invalid syntax
          timeoutSeconds=x | strconv.ParseInt: parsing "x": invalid syntax
          resourceVersion=x | resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax
          """)
  void listOptionsThatCannotBeReadAreABadRequest(String query, String text) {
    KubeResponse refused = server.get(MAPS + "?" + query);
    assertThat(refused.status()).as(refused.bodyText()).isEqualTo(400);
    assertThat(message(refused)).isEqualTo(text);
  }

  @Test
  void aListGoesOnAtItsOwnRevisionOnly() {
    for (String name : new String[] {"a", "b", "c"}) {
      server.created(MAPS, "{\"metadata\":{\"name\":\"" + name + "\"}}");
    }
    String token = Json.text(body(server.get(MAPS + "?limit=1")), "metadata", "continue");
    assertThat(message(server.get(MAPS + "?limit=1&resourceVersion=3&continue=" + token)))
        .isEqualTo("specifying resource version is not allowed when using continue");
    Object rest = body(server.get(MAPS + "?continue=" + token));
    assertThat(Json.list(rest, "items")).hasSize(2);
  }

  @Test
  void onlyCollectionsArePostedToAndOnlyObjectsPut() {
    assertThat(server.put(MAPS, "{}").status()).isEqualTo(405);
    assertThat(server.merge(MAPS, "{}").status()).isEqualTo(405);
    assertThat(server.post(MAPS + "/a", "{}").status()).isEqualTo(405);
  }

  @Test
  void olderClientsReadTheSchemasAsSwagger() {
    server.created(
        Server.DEFINITIONS,
        """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
         "metadata":{"name":"widgets.tr.io"},"spec":{"group":"tr.io","scope":"Namespaced",
         "names":{"plural":"widgets","kind":"Widget"},"versions":[{"name":"v1","served":true,
         "storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{
         "spec":{"type":"object","properties":{"n":{"type":"integer","default":1}}}}}}}]}}""");
    Object document = body(server.get("/openapi/v2"));
    Map<String, Object> definitions = Objects.requireNonNull(Json.object(document, "definitions"));
    assertThat(
            Json.text(
                definitions.get("io.k8s.api.apps.v1.Deployment"), "properties", "spec", "$ref"))
        .isEqualTo("#/definitions/io.k8s.api.apps.v1.DeploymentSpec");
    assertThat(Json.object(definitions.get("io.tr.v1.Widget"), "properties", "spec", "properties"))
        .containsEntry("n", Map.of("type", "integer"));
    assertThat(Json.object(document, "paths"))
        .containsKey("/apis/tr.io/v1/namespaces/{namespace}/widgets/{name}");
  }

  @Test
  void anUnknownFieldOfAnEventSelectorIsRefused() {
    KubeResponse refused =
        server.get("/api/v1/namespaces/default/events?fieldSelector=involvedObject.nope%3Dx");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(message(refused)).isEqualTo("field label not supported: involvedObject.nope");
  }

  @Test
  void tablesHaveTheColumnsOfTheType() {
    KubeResponse table =
        server.send(
            KubeRequest.get("/apis/networking.k8s.io/v1/namespaces/default/ingresses")
                .header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"));
    assertThat(Json.list(body(table), "columnDefinitions"))
        .extracting(column -> Json.text(column, "name"))
        .containsExactly("Name", "Class", "Hosts", "Address", "Ports", "Age");
  }
}
