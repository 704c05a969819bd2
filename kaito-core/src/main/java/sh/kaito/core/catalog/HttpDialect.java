package sh.kaito.core.catalog;

import java.util.Optional;

/**
 * How to talk to a model server. Every server listens on container port {@value #CONTAINER_PORT};
 * the Service of a workspace maps port 80 to it.
 */
public enum HttpDialect {
  /** {@code POST /chat} with a {@code prompt}; the answer stands in {@code Result}. */
  TEXT_GENERATION("text-generation", "/healthz", "/chat"),
  /** {@code POST /chat} with dialogs of the llama-2 chat server. */
  LLAMA2_CHAT("llama2-chat", "/healthz", "/chat"),
  /** {@code POST /generate} with a list of prompts; llama-2 without chat. */
  LLAMA2_COMPLETION("llama2-completion", "/healthz", "/generate"),
  /** The OpenAI routes under {@code /v1}. */
  OPENAI("openai", "/health", "/v1/chat/completions");

  /** Port of the container that serves the model, in every dialect. */
  public static final int CONTAINER_PORT = 5000;

  private final String wireName;
  private final String healthPath;
  private final String chatPath;

  HttpDialect(String wireName, String healthPath, String chatPath) {
    this.wireName = wireName;
    this.healthPath = healthPath;
    this.chatPath = chatPath;
  }

  /** The name of the dialect in catalogue files. */
  public String wireName() {
    return wireName;
  }

  /** Path that answers 200 once the model is loaded. */
  public String healthPath() {
    return healthPath;
  }

  /** Path that takes one question by POST. */
  public String chatPath() {
    return chatPath;
  }

  static Optional<HttpDialect> ofWireName(String wireName) {
    for (HttpDialect dialect : values()) {
      if (dialect.wireName.equals(wireName)) {
        return Optional.of(dialect);
      }
    }
    return Optional.empty();
  }
}
