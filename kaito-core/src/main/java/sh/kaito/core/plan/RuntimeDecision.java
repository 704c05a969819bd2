package sh.kaito.core.plan;

/** What came out of choosing a serving runtime: a {@link RuntimeChoice}, or a refusal. */
public sealed interface RuntimeDecision permits RuntimeChoice, RuntimeRefusal {
  /**
   * Chooses the serving runtime of a preset. In this order:
   *
   * <ol>
   *   <li>the runtime that a running workload is pinned to;
   *   <li>the annotation {@code kaito.sh/runtime}: {@code vllm}, {@code transformers} or {@code
   *       legacy-image};
   *   <li>a private image of the user, or a preset that exists as an image only: legacy-image;
   *   <li>an adapter strength other than 1.0, which vLLM cannot apply: transformers where the model
   *       has it, else legacy-image;
   *   <li>GPUs below compute capability 8.0, which the base image does not run on: legacy-image;
   *   <li>else vLLM.
   * </ol>
   */
  static RuntimeDecision of(RuntimeRequest request) {
    return RuntimeRules.decide(request);
  }
}
