package sh.kaito.core.client;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.internal.kube.KubeJson;

/**
 * The model server of a Workspace, called through the API server's service proxy: whoever may
 * {@code get} and {@code create} on {@code services/proxy} in the namespace needs no other way into
 * the cluster.
 *
 * <p>Immutable and thread-safe; lives as long as the transport it was made with.
 */
public final class WorkspaceEndpoint {
  /** Longest answer that is asked for, in tokens; the legacy server counts the prompt in. */
  private static final int MAX_TOKENS = 1024;

  /** Most characters of an answer that a message quotes. */
  private static final int LONGEST_QUOTE = 500;

  /** How the proxy of the API server begins when it cannot connect; the case has varied. */
  private static final String NOT_CONNECTED = "error trying to reach service";

  private static final String MODELS = "/v1/models";

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
   * @throws WorkspaceException {@code MODEL_SERVER} when the model server gives an error, or an
   *     answer without text; what the API server says in its place is {@code NOT_FOUND} where there
   *     is no Service or no pod of it, {@code FORBIDDEN} without {@code get} and {@code create} on
   *     {@code services/proxy}, and {@code UNREACHABLE} where no pod behind the Service is ready
   */
  public String chat(String question) {
    return Await.result(chatAsync(question));
  }

  /** As {@link #chat}; completes exceptionally with a {@link WorkspaceException}. */
  public CompletionStage<String> chatAsync(String question) {
    return Await.outcome(
        () ->
            transport
                .exchange(KubeRequest.get(proxyPath() + MODELS).build())
                .thenCompose(models -> ask(models, question)));
  }

  /**
   * What answers on {@code /v1/models} speaks OpenAI; a model server without it is a legacy one.
   */
  private CompletionStage<String> ask(KubeResponse models, String question) {
    if (models.isSuccess()) {
      return askOpenAi(text(MODELS, read(models).path("data").path(0).path("id")), question);
    }
    if (models.status() == 404 && apiServerMessage(models).isEmpty()) {
      return askLegacy(question);
    }
    return CompletableFuture.failedFuture(refused(MODELS, models));
  }

  private CompletionStage<String> askOpenAi(String model, String question) {
    String path = "/v1/chat/completions";
    JsonNode body =
        object(
            "model",
            model,
            "messages",
            array(object("role", "user", "content", question)),
            "max_tokens",
            MAX_TOKENS);
    return post(path, body)
        .thenApply(
            answer -> text(path, answer.path("choices").path(0).path("message").path("content")));
  }

  private CompletionStage<String> askLegacy(String question) {
    String path = "/chat";
    JsonNode body =
        object(
            "prompt",
            question,
            "return_full_text",
            false,
            "generate_kwargs",
            object("max_length", MAX_TOKENS));
    return post(path, body).thenApply(answer -> text(path, answer.path("Result")));
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

  /** An answer without text is not an empty answer. */
  private String text(String path, JsonNode field) {
    if (!field.isTextual()) {
      throw new WorkspaceException(
          WorkspaceException.Kind.MODEL_SERVER,
          "the model server of "
              + key
              + " answered "
              + path
              + " without "
              + (path.equals(MODELS)
                  ? "data[0].id"
                  : path.equals("/chat") ? "Result" : "choices[0].message.content"));
    }
    return field.asText();
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
    Optional<String> message = apiServerMessage(response);
    if (message.isPresent()) {
      return refusedByApiServer(response.status(), message.get());
    }
    return new WorkspaceException(
        WorkspaceException.Kind.MODEL_SERVER,
        "the model server of "
            + key
            + " answered "
            + response.status()
            + " to "
            + path
            + ": "
            + shorten(response.bodyText()));
  }

  private WorkspaceException refusedByApiServer(int status, String message) {
    WorkspaceException.Kind kind =
        switch (status) {
          case 404 -> WorkspaceException.Kind.NOT_FOUND;
          case 401, 403 -> WorkspaceException.Kind.FORBIDDEN;
          default -> WorkspaceException.Kind.UNREACHABLE;
        };
    String what =
        switch (status) {
          // The proxy looks for endpoints; for want of any it says that the Service is not found.
          case 404 ->
              "no Service " + key + ", or no pod of it exists yet; is the workspace applied?";
          case 401, 403 ->
              "no permission to call the model server of "
                  + key
                  + ", it needs get and create on services/proxy;";
          case 502, 503 -> "no ready pod behind the Service " + key + " yet;";
          default -> "the model server of " + key + " was not reached;";
        };
    return new WorkspaceException(
        kind, what + " the API server answered " + status + ": " + message);
  }

  /**
   * What the API server itself says where the model server should have answered: in a {@code
   * Status} object, or in plain text where its proxy could not connect to the pod.
   */
  private static Optional<String> apiServerMessage(KubeResponse response) {
    String text = response.bodyText();
    if (text.regionMatches(true, 0, NOT_CONNECTED, 0, NOT_CONNECTED.length())) {
      return Optional.of(shorten(text));
    }
    try {
      JsonNode body = KubeJson.read(response.body());
      return body.path("kind").asText().equals("Status")
              && body.path("apiVersion").asText().equals("v1")
          ? Optional.of(shorten(body.path("message").asText()))
          : Optional.empty();
    } catch (KubeJson.MalformedJsonException e) {
      return Optional.empty();
    }
  }

  private static String shorten(String text) {
    return text.length() > LONGEST_QUOTE ? text.substring(0, LONGEST_QUOTE) + "..." : text;
  }

  @Override
  public String toString() {
    return clusterUrl();
  }
}
