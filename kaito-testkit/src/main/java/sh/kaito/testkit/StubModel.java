package sh.kaito.testkit;

import java.util.List;
import java.util.Objects;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.sim.model.ModelApi;

/**
 * The HTTP interface of an inference image without a model behind it. Every text it answers begins
 * with {@code [simulated <model>]} and repeats the question; equal requests get equal answers.
 *
 * <pre>{@code
 * StubModel phi = StubModel.legacyText("phi-3-mini-4k-instruct");
 * KubeResponse answer = phi.handle(KubeRequest.post("/chat", "{\"prompt\":\"Hi\"}".getBytes(UTF_8)).build());
 * answer.bodyText(); // {"Result":"Hi\n[simulated phi-3-mini-4k-instruct] You asked: Hi"}
 * }</pre>
 *
 * <p>Immutable and thread-safe, besides a counter behind {@code /metrics} of vLLM. Malformed input
 * gets the status and error body of the imitated server; a body of more than 4 MiB gets 413.
 */
public final class StubModel implements PodHandler {

  /** Whose interface it is. Paths and bodies are those of the images of Kaito 0.3.1 and 0.12.0. */
  public enum Dialect {
    /**
     * One image per preset (falcon, mistral, phi): {@code GET /}, {@code GET /healthz}, {@code POST
     * /chat} from {@code {"prompt"}} to {@code {"Result"}}, {@code GET /metrics} in JSON.
     */
    LEGACY_TEXT,
    /** llama-2 chat: {@code POST /chat} from {@code {"input_data": {"input_string": [[...]]}}}. */
    LLAMA2_CHAT,
    /** llama-2 base: {@code POST /generate} from {@code {"prompts": [...]}}. */
    LLAMA2_COMPLETION,
    /**
     * vLLM's OpenAI server: {@code /health}, {@code /version}, {@code /v1/models}, {@code
     * /v1/chat/completions}, {@code /v1/completions}, {@code /metrics} for Prometheus.
     */
    VLLM,
    /**
     * The transformers server: {@code /health} in JSON, {@code /v1/models}, {@code
     * /v1/chat/completions}, {@code /v1/responses}.
     */
    TRANSFORMERS,
    /** The metrics server beside a fine-tuning job: {@code GET /metrics} alone. */
    TUNING_METRICS
  }

  private final Dialect dialect;
  private final String model;
  private final List<String> adapters;
  private final String pipeline;
  private final boolean healthy;
  private final PodHandler api;

  private StubModel(
      Dialect dialect, String model, List<String> adapters, String pipeline, boolean healthy) {
    this.dialect = Objects.requireNonNull(dialect);
    this.model = Objects.requireNonNull(model);
    this.adapters = List.copyOf(adapters);
    this.pipeline = Objects.requireNonNull(pipeline);
    this.healthy = healthy;
    this.api = ModelApi.of(dialect, model, this.adapters, pipeline, healthy);
  }

  /** A stub in any dialect. */
  public static StubModel of(Dialect dialect, String model) {
    return new StubModel(dialect, model, List.of(), "text-generation", true);
  }

  /** A stub of the one-image-per-preset server. */
  public static StubModel legacyText(String model) {
    return of(Dialect.LEGACY_TEXT, model);
  }

  /** A stub of vLLM that serves one model. */
  public static StubModel vllm(String servedModelName) {
    return of(Dialect.VLLM, servedModelName);
  }

  /** A stub of the transformers server. */
  public static StubModel transformers(String model) {
    return of(Dialect.TRANSFORMERS, model);
  }

  /**
   * The same with LoRA adapters: vLLM lists and serves them as further models, {@link
   * Dialect#LEGACY_TEXT} and {@link Dialect#TRANSFORMERS} merge them, and their texts begin with
   * {@code [simulated <model> + <adapter>]}.
   */
  public StubModel withAdapters(List<String> names) {
    return new StubModel(dialect, model, names, pipeline, healthy);
  }

  /**
   * The same with the pipeline of {@link Dialect#LEGACY_TEXT}: {@code text-generation} (default) or
   * {@code conversational}; with any other every chat is refused, as the original does.
   */
  public StubModel withPipeline(String name) {
    return new StubModel(dialect, model, adapters, name, healthy);
  }

  /** The same, but its health page says that the model is not there: 500, of vLLM 503. */
  public StubModel unhealthy() {
    return new StubModel(dialect, model, adapters, pipeline, false);
  }

  /** Whose interface it is. */
  public Dialect dialect() {
    return dialect;
  }

  /** The name under which it answers. */
  public String model() {
    return model;
  }

  /** Names of the LoRA adapters. */
  public List<String> adapters() {
    return adapters;
  }

  @Override
  public KubeResponse handle(KubeRequest request) {
    return api.handle(request);
  }

  @Override
  public String toString() {
    return "StubModel[" + dialect + ", " + model + "]";
  }
}
