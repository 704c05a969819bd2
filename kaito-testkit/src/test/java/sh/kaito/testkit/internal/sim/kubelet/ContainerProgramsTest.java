package sh.kaito.testkit.internal.sim.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sh.kaito.testkit.StubModel;
import sh.kaito.testkit.StubModel.Dialect;

/** The command lines are those that Kaito 0.3.1 and 0.12.0 put on real pods. */
class ContainerProgramsTest {
  private static final String REGISTRY = "mcr.microsoft.com/aks/kaito/";

  private static Optional<StubModel> model(String image, String command, String moreOfPod) {
    String json =
        "{\"spec\":{\"containers\":[{\"name\":\"w\",\"image\":\""
            + REGISTRY
            + image
            + "\",\"command\":"
            + command
            + "}]"
            + moreOfPod
            + "}}";
    try {
      JsonNode pod = new ObjectMapper().readTree(json);
      return ContainerPrograms.model(pod, pod.at("/spec/containers/0"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static StubModel present(String image, String command) {
    return model(image, command, "").orElseThrow();
  }

  @Test
  void presetImageWithShellOrArgumentVector() {
    for (String command :
        new String[] {
          "[\"/bin/sh\",\"-c\",\"accelerate launch --num_processes=1 --gpu_ids=all inference_api.py"
              + " --pipeline=text-generation --torch_dtype=auto\"]",
          "[\"accelerate\",\"launch\",\"--num_processes=1\",\"inference_api.py\","
              + "\"--pipeline=text-generation\"]"
        }) {
      StubModel model = present("kaito-phi-3-mini-4k-instruct:0.0.2", command);
      assertThat(model.dialect()).isEqualTo(Dialect.LEGACY_TEXT);
      assertThat(model.model()).isEqualTo("phi-3-mini-4k-instruct");
    }
  }

  @Test
  void llamaImages() {
    String torchrun = "[\"torchrun\",\"--nnodes=2\",\"inference_api.py\",\"--max_seq_len=512\"]";
    assertThat(present("kaito-llama-2-13b-chat:0.0.4", torchrun).dialect())
        .isEqualTo(Dialect.LLAMA2_CHAT);
    assertThat(present("kaito-llama-2-7b:0.0.4", torchrun).dialect())
        .isEqualTo(Dialect.LLAMA2_COMPLETION);
  }

  @Test
  void vllmWithAdapters() {
    StubModel model =
        model(
                "kaito-base:0.5.0",
                "[\"/bin/sh\",\"-c\",\"python3 /workspace/vllm/inference_api.py --dtype=bfloat16"
                    + " --served-model-name=phi-4-mini-instruct\"]",
                ",\"initContainers\":[{\"name\":\"sql\",\"command\":[\"sh\",\"-c\","
                    + "\"cp -r /data/. /mnt/adapter/sql-adapter\"]}]")
            .orElseThrow();
    assertThat(model.dialect()).isEqualTo(Dialect.VLLM);
    assertThat(model.model()).isEqualTo("phi-4-mini-instruct");
    assertThat(model.adapters()).containsExactly("sql-adapter");
  }

  @Test
  void servedNameAsItsOwnWord() {
    assertThat(
            present(
                    "kaito-base:0.5.0",
                    "[\"python3\",\"/workspace/vllm/inference_api.py\",\"--served-model-name\","
                        + "\"a name\"]")
                .model())
        .isEqualTo("a name");
  }

  @Test
  void transformersAndTuning() {
    assertThat(
            present(
                    "kaito-base:0.5.0",
                    "[\"accelerate\",\"launch\",\"/workspace/tfs/inference_api.py\"]")
                .dialect())
        .isEqualTo(Dialect.TRANSFORMERS);
    assertThat(
            present(
                    "kaito-phi-3-mini-128k-instruct:0.0.2",
                    "[\"/bin/sh\",\"-c\",\"python3 metrics_server.py & accelerate launch"
                        + " fine_tuning.py\"]")
                .dialect())
        .isEqualTo(Dialect.TUNING_METRICS);
  }

  @Test
  void otherProgramsServeNoModel() {
    assertThat(model("nginx:1", "[\"nginx\"]", "")).isEmpty();
    assertThat(model("kaito-base:0.5.0", "[\"sleep\",\"1\"]", "")).isEmpty();
  }
}
