package sh.kaito.core.internal.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static sh.kaito.core.internal.kube.ScriptedTransport.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.PatchType;

class KubeClientTest {
  private static final ObjectKey POD = ObjectKey.of("ns", "p");

  private static KubeResult now(CompletionStage<KubeResult> stage) {
    return stage.toCompletableFuture().getNow(null);
  }

  @Test
  void getsOneObject() {
    ScriptedTransport server =
        ScriptedTransport.answering(
            json(200, "{'kind':'Pod','metadata':{'uid':'u','resourceVersion':'7'}}"));
    KubeResult result = now(KubeClient.of(server, "m").get(ResourceType.PODS, POD));
    assertThat(server.last()).hasToString("GET /api/v1/namespaces/ns/pods/p");
    assertThat(result.isSuccess()).isTrue();
    assertThat(result.uid()).isEqualTo("u");
    assertThat(result.resourceVersion()).isEqualTo("7");
  }

  @Test
  void aFailureIsAValueWithReasonMessageAndRetryAfter() {
    ScriptedTransport server =
        ScriptedTransport.answering(
            json(
                409,
                "{'kind':'Status','reason':'AlreadyExists','message':'pods p exists',"
                    + "'details':{'retryAfterSeconds':3}}"),
            json(409, "{'kind':'Status','reason':'Conflict','message':'changed'}"),
            KubeResponse.of(
                429,
                Map.of("retry-after", List.of("11")),
                "too many".getBytes(StandardCharsets.UTF_8)));
    KubeClient client = KubeClient.of(server, "m");

    KubeResult exists = now(client.get(ResourceType.PODS, POD));
    assertThat(exists.isAlreadyExists()).isTrue();
    assertThat(exists.isConflict()).isFalse();
    assertThat(exists.retryAfter()).contains(Duration.ofSeconds(3));
    assertThat(exists).hasToString("HTTP 409 AlreadyExists: pods p exists");

    KubeResult conflict = now(client.get(ResourceType.PODS, POD));
    assertThat(conflict.isConflict()).isTrue();
    assertThat(conflict.isAlreadyExists()).isFalse();

    KubeResult busy = now(client.get(ResourceType.PODS, POD));
    assertThat(busy.isTooManyRequests()).isTrue();
    assertThat(busy.isTransient()).isTrue();
    assertThat(busy.retryAfter()).as("header of any case").contains(Duration.ofSeconds(11));
    assertThat(busy.message()).as("text that is no JSON").isEqualTo("too many");
  }

  @Test
  void aSuccessThatIsNoJsonMeansThatNoApiServerAnswered() {
    ScriptedTransport server =
        ScriptedTransport.answering(json(200, "<html>log in: token=hunter2</html>"));
    assertThat(KubeClient.of(server, "m").get(ResourceType.PODS, POD))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withRootCauseInstanceOf(KubeJson.MalformedJsonException.class)
        .havingCause()
        .isInstanceOf(KubeTransportException.class)
        .withMessageContaining("get pods ns/p: HTTP 200 with 34 bytes that are not JSON")
        .withMessageContaining("line 1 column")
        .satisfies(e -> assertThat(e.toString()).doesNotContain("hunter2"));
  }

  @Test
  void writesNameTheFieldManagerAndAskForMetadataOnly() {
    ScriptedTransport server =
        ScriptedTransport.answering(json(201, "{}"), json(200, "{}"), json(200, "{}"));
    KubeClient client = KubeClient.of(server, "kaito-java");
    ObjectNode object = KubeJson.object(ResourceType.PODS, POD);

    now(client.create(ResourceType.PODS, "ns", object, WriteOptions.defaults()));
    assertThat(server.last())
        .hasToString("POST /api/v1/namespaces/ns/pods?fieldManager=kaito-java");
    assertThat(server.last().header("accept").orElseThrow())
        .startsWith("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");

    now(client.apply(ResourceType.PODS, POD, object, WriteOptions.defaults().status().force()));
    assertThat(server.last())
        .hasToString(
            "PATCH /api/v1/namespaces/ns/pods/p/status?force=true&fieldManager=kaito-java");
    assertThat(server.last().header("Content-Type")).contains("application/apply-patch+yaml");
    assertThat(server.lastBody())
        .isEqualTo(
            "{\"apiVersion\":\"v1\",\"kind\":\"Pod\","
                + "\"metadata\":{\"name\":\"p\",\"namespace\":\"ns\"}}");

    now(
        client.patch(
            ResourceType.PODS,
            POD,
            PatchType.MERGE,
            KubeJson.object(),
            WriteOptions.defaults().wantObject().force().dryRun()));
    assertThat(server.last())
        .as("force belongs to apply alone: servers refuse it elsewhere")
        .hasToString("PATCH /api/v1/namespaces/ns/pods/p?fieldManager=kaito-java&dryRun=All");
    assertThat(server.last().header("Accept")).contains("application/json");
  }

  @Test
  void deletionCarriesItsPreconditions() {
    ScriptedTransport server = ScriptedTransport.answering(json(200, "{}"));
    now(
        KubeClient.of(server, "m")
            .delete(
                ResourceType.NODECLAIMS,
                ObjectKey.clusterScoped("k1"),
                DeleteOptions.defaults()
                    .uid("u")
                    .resourceVersion("9")
                    .propagationPolicy("Background")
                    .gracePeriodSeconds(0)));
    assertThat(server.last()).hasToString("DELETE /apis/karpenter.sh/v1/nodeclaims/k1");
    assertThat(server.lastBody())
        .isEqualTo(
            "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\","
                + "\"preconditions\":{\"uid\":\"u\",\"resourceVersion\":\"9\"},"
                + "\"propagationPolicy\":\"Background\",\"gracePeriodSeconds\":0}");
  }

  @Test
  void joinsThePagesOfAList() {
    ScriptedTransport server =
        ScriptedTransport.answering(
            json(
                200,
                "{'kind':'PodList','metadata':{'resourceVersion':'5','continue':'t/1='},"
                    + "'items':[{'metadata':{'name':'a'}}]}"),
            json(
                200,
                "{'kind':'PodList','metadata':{'resourceVersion':'5'},"
                    + "'items':[{'metadata':{'name':'b'}}]}"));
    KubeResult list =
        now(
            KubeClient.of(server, "m")
                .list(ResourceType.PODS, ListOptions.all().labelSelector("app=x").limit(1)));
    assertThat(server.requests)
        .extracting(Object::toString)
        .containsExactly(
            "GET /api/v1/pods?labelSelector=app%3Dx&limit=1",
            "GET /api/v1/pods?labelSelector=app%3Dx&limit=1&continue=t%2F1%3D");
    assertThat(list.body().path("items").findValuesAsText("name")).containsExactly("a", "b");
    assertThat(list.resourceVersion()).isEqualTo("5");
  }

  @Test
  void aContinueTokenThatExpiresBeginsTheListAgain() {
    ScriptedTransport server =
        ScriptedTransport.answering(
            json(200, "{'metadata':{'continue':'t'},'items':[{'metadata':{'name':'old'}}]}"),
            json(410, "{'kind':'Status','reason':'Expired'}"),
            json(200, "{'metadata':{},'items':[{'metadata':{'name':'new'}}]}"));
    KubeResult list = now(KubeClient.of(server, "m").list(ResourceType.PODS, ListOptions.in("ns")));
    assertThat(list.body().path("items").findValuesAsText("name")).containsExactly("new");

    ScriptedTransport alwaysExpired =
        new ScriptedTransport(
            request ->
                CompletableFuture.completedFuture(
                    request.query("continue").isPresent()
                        ? json(410, "{'reason':'Expired'}")
                        : json(200, "{'metadata':{'continue':'t'},'items':[]}")));
    KubeResult expired =
        now(KubeClient.of(alwaysExpired, "m").list(ResourceType.PODS, ListOptions.all()));
    assertThat(expired.isExpired()).isTrue();
    assertThat(alwaysExpired.requests).as("four attempts of two pages").hasSize(8);
  }

  @Test
  void pathsAreEncodedAndScopesChecked() {
    assertThat(ResourceType.PODS.path("a/b")).isEqualTo("/api/v1/namespaces/a%2Fb/pods");
    assertThat(ResourceType.WORKSPACES_V1BETA1.path(ObjectKey.of("default", "phi 3")))
        .isEqualTo("/apis/kaito.sh/v1beta1/namespaces/default/workspaces/phi%203");
    assertThatThrownBy(() -> ResourceType.NODES.path("ns"))
        .hasMessageContaining("nodes are cluster-scoped");
    assertThatThrownBy(() -> ResourceType.PODS.path(ObjectKey.clusterScoped("p")))
        .hasMessageContaining("Pod p needs a namespace");
    assertThatThrownBy(() -> ResourceType.NODES.path(ObjectKey.clusterScoped("")))
        .hasMessageContaining("needs a name");
  }
}
