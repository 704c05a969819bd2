package sh.kaito.testkit.internal.sim.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.PodHandler;
import sh.kaito.testkit.StubModel;
import sh.kaito.testkit.StubModel.Dialect;
import sh.kaito.testkit.internal.sim.Objects;

/** Tells from image and command line which of Kaito's programs a container would run. Pure. */
final class ContainerPrograms {
  private static final Pattern PRESET_IMAGE =
      Pattern.compile("(?:.*/)?kaito-([a-z0-9][a-z0-9.-]*?)(?::[^/]*)?(?:@.*)?");
  private static final Pattern ADAPTER_DIRECTORY = Pattern.compile("/mnt/adapter/([^/\\s\"';]+)");

  private static final Pattern SPACES = Pattern.compile("\\s+");

  private ContainerPrograms() {}

  /** The model server of a container; empty when it runs something else. */
  static Optional<StubModel> model(JsonNode pod, JsonNode container) {
    List<String> words = words(container);
    String line = String.join(" ", words);
    String image = Objects.text(container, "image");
    Matcher named = PRESET_IMAGE.matcher(image);
    String imageModel = named.matches() ? named.group(1) : "";
    if (line.contains("/workspace/vllm/inference_api.py")) {
      String model = option(words, "served-model-name");
      if (model.isEmpty()) {
        model = option(words, "model");
      }
      return Optional.of(
          StubModel.vllm(model.isEmpty() ? orUnknown(imageModel) : model)
              .withAdapters(adapters(pod)));
    }
    if (line.contains("/workspace/tfs/inference_api.py")) {
      String model = option(words, "served-model-name");
      if (model.isEmpty()) {
        model = option(words, "pretrained_model_name_or_path");
      }
      return Optional.of(
          StubModel.transformers(
                  model.isEmpty() || model.startsWith("/") ? orUnknown(imageModel) : model)
              .withAdapters(adapters(pod)));
    }
    if (line.contains("fine_tuning.py") || line.contains("metrics_server.py")) {
      return Optional.of(StubModel.of(Dialect.TUNING_METRICS, orUnknown(imageModel)));
    }
    if (line.contains("inference_api.py") && !imageModel.isEmpty()) {
      return Optional.of(legacy(words, line, imageModel).withAdapters(adapters(pod)));
    }
    return Optional.empty();
  }

  private static StubModel legacy(List<String> words, String line, String model) {
    if (model.startsWith("llama-2") || line.contains("torchrun")) {
      return StubModel.of(
          model.endsWith("-chat") ? Dialect.LLAMA2_CHAT : Dialect.LLAMA2_COMPLETION, model);
    }
    String pipeline = option(words, "pipeline");
    StubModel text = StubModel.legacyText(model);
    return pipeline.isEmpty() ? text : text.withPipeline(pipeline);
  }

  private static String orUnknown(String model) {
    return model.isEmpty() ? "model" : model;
  }

  /** What answers in a container that runs none of Kaito's programs: 200 for everything. */
  static PodHandler other(JsonNode container) {
    byte[] body =
        ("[simulated container " + Objects.text(container, "image") + "]\n")
            .getBytes(StandardCharsets.UTF_8);
    return (KubeRequest request) ->
        KubeResponse.of(200, Map.of("Content-Type", List.of("text/plain; charset=utf-8")), body);
  }

  /** Command and arguments as words; what follows {@code -c} is split as a shell would. */
  static List<String> words(JsonNode container) {
    List<String> result = new ArrayList<>();
    for (String field : List.of("command", "args")) {
      for (JsonNode word : container.path(field)) {
        boolean script = !result.isEmpty() && result.get(result.size() - 1).equals("-c");
        if (script) {
          for (String part : SPACES.split(word.asText().strip())) {
            result.add(part.replaceAll("^[\"']|[\"']$", ""));
          }
        } else {
          result.add(word.asText());
        }
      }
    }
    return result;
  }

  /** Value of {@code --name=value} or {@code --name value}; empty when it is not there. */
  static String option(List<String> words, String name) {
    String flag = "--" + name;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.startsWith(flag + "=")) {
        return word.substring(flag.length() + 1);
      }
      if (word.equals(flag) && i + 1 < words.size()) {
        return words.get(i + 1);
      }
    }
    return "";
  }

  /** Adapters by the directories below {@code /mnt/adapter} that the pod fills. */
  private static List<String> adapters(JsonNode pod) {
    Set<String> names = new LinkedHashSet<>();
    for (String list : List.of("initContainers", "containers")) {
      for (JsonNode container : pod.path("spec").path(list)) {
        find(String.join(" ", words(container)), names);
        for (JsonNode mount : container.path("volumeMounts")) {
          find(Objects.text(mount, "mountPath"), names);
        }
      }
    }
    return List.copyOf(names);
  }

  private static void find(String text, Set<String> names) {
    Matcher matcher = ADAPTER_DIRECTORY.matcher(text);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
  }

  /** Whether a container asks for GPUs: in a Job the one that does the work. */
  static boolean usesGpu(JsonNode container) {
    for (String list : List.of("limits", "requests")) {
      for (String resource : Objects.strings(container.path("resources").path(list)).keySet()) {
        if (resource.startsWith("nvidia.com/")) {
          return true;
        }
      }
    }
    return false;
  }
}
