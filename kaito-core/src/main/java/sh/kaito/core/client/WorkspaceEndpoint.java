package sh.kaito.core.client;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.internal.kube.KubeJson;

/**
 * The model server of a Workspace, called through the API server's service proxy: whoever may
 * {@code create services/proxy} in the namespace needs no other way into the cluster.
 *
 * <p>Immutable and thread-safe; lives as long as the transport it was made with.
 */
public final class WorkspaceEndpoint {
  /** Longest answer that is asked for, in tokens; the legacy server counts the prompt in. */
  private static final int MAX_TOKENS = 1024;

  private final KubeTransport transport;
  private final WorkspaceKey key;

  WorkspaceEndpoint(KubeTransport transport, WorkspaceKey key) {
    this.transport = transport;
    this.key = key;
  }

  /** The Workspace that it belongs to. */
  public WorkspaceKey workspace() {
    return key;
  }

  /** Address inside the cluster, {@code http://name.namespace.svc}. */
  public String clusterUrl() {
    return "http://" + key.name() + "." + key.namespace() + ".svc";
  }

  /** Path below the API server's root under which the server's own paths begin. */
  public String proxyPath() {
    return "/api/v1/namespaces/" + key.namespace() + "/services/" + key.name() + ":80/proxy";
  }

  /**
   * Asks one question and waits for the answer. Finds out by itself whether the server speaks the
   * OpenAI routes or the {@code /chat} of the legacy images.
   *
   * @throws WorkspaceException of kind {@code MODEL_SERVER} when the server gives an error
   */
  public String chat(String question) {
    return Await.result(chatAsync(question));
  }

  /** Asks one question; completes exceptionally with a {@link WorkspaceException}. */
  public CompletionStage<String> chatAsync(String question) {
    return transport
        .exchange(KubeRequest.get(proxyPath() + "/v1/models").build())
        .thenCompose(
            models -> {
              if (models.isSuccess()) {
                String model = read(models).path("data").path(0).path("id").asText();
                return askOpenAi(model, question);
              }
              if (models.status() == 404) {
                return askLegacy(question);
              }
              return CompletableFuture.failedFuture(refused("/v1/models", models));
            });
  }

  private CompletionStage<String> askOpenAi(String model, String question) {
    JsonNode body =
        object(
            "model",
            model,
            "messages",
            array(object("role", "user", "content", question)),
            "max_tokens",
            MAX_TOKENS);
    return post("/v1/chat/completions", body)
        .thenApply(
            answer -> answer.path("choices").path(0).path("message").path("content").asText());
  }

  private CompletionStage<String> askLegacy(String question) {
    JsonNode body =
        object(
            "prompt",
            question,
            "return_full_text",
            false,
            "generate_kwargs",
            object("max_length", MAX_TOKENS));
    return post("/chat", body).thenApply(answer -> answer.path("Result").asText());
  }

  private CompletionStage<JsonNode> post(String path, JsonNode body) {
    return transport
        .exchange(KubeRequest.post(proxyPath() + path, KubeJson.write(body)).build())
        .thenApply(
            response -> {
              if (!response.isSuccess()) {
                throw refused(path, response);
              }
              return read(response);
            });
  }

  private JsonNode read(KubeResponse response) {
    try {
      return KubeJson.read(response.body());
    } catch (KubeJson.MalformedJsonException e) {
      throw new WorkspaceException(
          WorkspaceException.Kind.MODEL_SERVER,
          "the model server of "
              + key
              + " answered with something that is not JSON: "
              + e.getMessage(),
          e);
    }
  }

  private WorkspaceException refused(String path, KubeResponse response) {
    String text = response.bodyText();
    return new WorkspaceException(
        WorkspaceException.Kind.MODEL_SERVER,
        "the model server of "
            + key
            + " answered "
            + response.status()
            + " to "
            + path
            + ": "
            + (text.length() > 500 ? text.substring(0, 500) + "..." : text));
  }

  @Override
  public String toString() {
    return clusterUrl();
  }
}
