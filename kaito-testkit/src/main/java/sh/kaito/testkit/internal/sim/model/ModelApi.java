package sh.kaito.testkit.internal.sim.model;

import java.util.List;
import java.util.Map;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.PodHandler;
import sh.kaito.testkit.StubModel;

/** Chooses the dialect and bounds what all of them read. */
public final class ModelApi {
  private ModelApi() {}

  /** The handler that speaks a stub's dialect. */
  public static PodHandler of(
      StubModel.Dialect dialect,
      String model,
      List<String> adapters,
      String pipeline,
      boolean healthy) {
    PodHandler api =
        switch (dialect) {
          case LEGACY_TEXT ->
              new LegacyTextApi(Simulated.merged(model, adapters), pipeline, healthy)::handle;
          case LLAMA2_CHAT -> new Llama2Api(model, true, healthy)::handle;
          case LLAMA2_COMPLETION -> new Llama2Api(model, false, healthy)::handle;
          case VLLM -> new VllmApi(model, adapters, healthy)::handle;
          case TRANSFORMERS ->
              new TransformersApi(model, Simulated.merged(model, adapters), healthy)::handle;
          case TUNING_METRICS -> ModelApi::tuning;
        };
    return request ->
        request.body().length > RequestBody.LIMIT
            ? Answers.detail(413, "the body is longer than " + RequestBody.LIMIT + " bytes")
            : api.handle(request);
  }

  /** Bytes of a request body that are answered at all. */
  public static int bodyLimit() {
    return RequestBody.LIMIT;
  }

  /** The metrics server beside a running fine-tuning job. */
  private static KubeResponse tuning(KubeRequest request) {
    if (!request.path().equals("/metrics")) {
      return Answers.notFound();
    }
    return request.method().equals("GET")
        ? Answers.json(200, GpuMetrics.cpuOnly())
        : Answers.methodNotAllowed("GET");
  }

  /** The answer of a server whose handler broke: its kind only, no trace. */
  public static KubeResponse internalError() {
    return KubeResponse.of(
        500,
        Map.of("Content-Type", List.of("text/plain; charset=utf-8")),
        "Internal Server Error".getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }
}
