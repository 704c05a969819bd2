package sh.kaito.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.catalog.BaseImageRecipe;
import sh.kaito.core.catalog.MetadataLookup;
import sh.kaito.core.catalog.ModelFacts;
import sh.kaito.core.catalog.PresetRegistry;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanOutcome;
import sh.kaito.core.plan.PlanRefusal;
import sh.kaito.core.plan.Planner;

/** Models of the hub, from a stub of it on the loopback interface. */
class HuggingFaceHubTest {
  private static final String CONFIG =
      """
      {"architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "num_hidden_layers": 32,
       "num_attention_heads": 32, "num_key_value_heads": 8, "max_position_embeddings": 32768,
       "rope_theta": Infinity}""";

  private StubHub stub = open();
  private HuggingFaceHub hub = hub(stub);

  private static StubHub open() {
    try {
      return new StubHub();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static HuggingFaceHub hub(StubHub stub) {
    return HuggingFaceHub.builder().endpoint(stub.address()).build();
  }

  @BeforeEach
  void start() {
    stub.model("ACME/chat-7b", "Acme/Chat-7B", CONFIG);
    stub.model("Acme/Chat-7B", "Acme/Chat-7B", CONFIG);
  }

  @AfterEach
  void stop() {
    stub.close();
  }

  private MetadataLookup resolve(String id) throws Exception {
    return hub.resolve(id).get(30, TimeUnit.SECONDS);
  }

  private String failure(String id) throws Exception {
    MetadataLookup lookup = resolve(id);
    assertThat(lookup).isInstanceOf(MetadataLookup.Failed.class);
    MetadataLookup.Failed failed = (MetadataLookup.Failed) lookup;
    return failed.problem() + "; " + failed.advice();
  }

  private PlanOutcome plan(String preset) {
    PresetRegistry presets = PresetRegistry.builder().addBuiltIn().metadata(hub).build();
    Workspace workspace =
        Workspace.builder()
            .name("w")
            .resource(
                resource ->
                    resource
                        .instanceType("Standard_NC24ads_A100_v4")
                        .matchLabels(Map.of("apps", "x")))
            .inference(inference -> inference.preset(preset))
            .build();
    return Planner.builder().presets(presets).build().plan(workspace);
  }

  private Violation refusal(String preset) {
    PlanOutcome outcome = plan(preset);
    assertThat(outcome).isInstanceOf(PlanRefusal.class);
    return ((PlanRefusal) outcome).violations().get(0);
  }

  @Test
  void aModelIsPlannedPinnedAndInItsOwnSpelling() throws Exception {
    assertThat(resolve("ACME/chat-7b")).isInstanceOf(MetadataLookup.Found.class);
    int asked = stub.requests().size();

    Plan plan = plan("ACME/chat-7b").orElseThrow();

    assertThat(stub.requests()).as("planning uses no network").hasSize(asked).hasSize(3);
    ModelFacts facts = plan.preset().orElseThrow().facts().orElseThrow();
    assertThat(facts.huggingFaceId()).isEqualTo("Acme/Chat-7B");
    assertThat(facts.weightsBytes()).as("the copy in a folder is not loaded").isEqualTo(13L << 30);
    assertThat(facts.referenceWeightsBytes()).isEqualTo(26L << 30);
    assertThat(facts.headDim()).isEqualTo(128);
    assertThat(facts.maxModelLen()).isEqualTo(32768);
    BaseImageRecipe recipe = plan.preset().orElseThrow().baseImage().orElseThrow();
    assertThat(recipe.servedName()).isEqualTo("chat-7b");
    assertThat(recipe.vllmArgs())
        .containsEntry("model", "Acme/Chat-7B")
        .containsEntry("revision", StubHub.COMMIT)
        .containsEntry("tokenizer-revision", StubHub.COMMIT)
        .containsEntry("dtype", "bfloat16")
        .containsEntry("tool-call-parser", "llama3_json");
    assertThat(plan.nodes().count()).isEqualTo(1);
    assertThat(plan.sizing()).isPresent();
  }

  @Test
  void nothingIsAskedThatNobodyResolves() {
    Violation violation = refusal("Acme/Chat-7B");

    assertThat(violation.rule()).contains("V-59");
    assertThat(violation.message()).contains("has not been asked for yet");
    assertThat(stub.requests()).isEmpty();
    assertThat(hub.lookup("Acme/Chat-7B")).isEqualTo(new MetadataLookup.NotAsked());
  }

  @Test
  void withoutASourceNoNameLeadsToTheNetwork() {
    assertThat(PresetRegistry.builder().addBuiltIn().build().find("Acme/Chat-7B")).isEmpty();
    assertThat(PresetRegistry.builtIn().problem("Acme/Chat-7B")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | GatedRepo | is gated: the hub gives it only to who has accepted its licence",
        "403 | '' | is gated",
        "401 | RepoNotFound | does not exist on the hub, or is private",
        "404 | '' | does not exist on the hub, or is private",
        "404 | RevisionNotFound | has no such revision",
        "429 | '' | the hub limits the rate of requests",
        "500 | '' | was not answered by the hub (answer 500); try again later",
      })
  void refusalsOfTheHubSayWhatToDo(int status, String code, String message) throws Exception {
    stub.answer(
        "/api/models/Acme/Secret/revision/main", status, Map.of("X-Error-Code", code), "no");

    assertThat(failure("Acme/Secret")).contains(message);
    assertThat(refusal("acme/secret").message()).contains(message.split(";")[0]);
  }

  @Test
  void aGatedModelIsKnownByName() throws Exception {
    stub.answer(
        "/api/models/Acme/Chat-7B/revision/main",
        200,
        "{\"id\": \"Acme/Chat-7B\", \"sha\": \"" + StubHub.COMMIT + "\", \"gated\": \"manual\"}");
    resolve("Acme/Chat-7B");

    assertThat(plan("Acme/Chat-7B").orElseThrow().warnings())
        .anySatisfy(
            warning -> assertThat(warning.path()).endsWith("presetOptions.modelAccessSecret"));
  }

  @Test
  void theTokenGoesToTheHubAlone() throws Exception {
    try (StubHub elsewhere = new StubHub()) {
      elsewhere.answer("/config", 200, CONFIG);
      stub.answer(
          "/Acme/Chat-7B/resolve/" + StubHub.COMMIT + "/config.json",
          307,
          Map.of("Location", elsewhere.address() + "/config"),
          "");
      hub = HuggingFaceHub.builder().endpoint(stub.address()).token("hf_verysecret").build();

      assertThat(resolve("Acme/Chat-7B")).isInstanceOf(MetadataLookup.Found.class);

      assertThat(stub.requests())
          .allSatisfy(
              request -> assertThat(request.authorization()).isEqualTo("Bearer hf_verysecret"));
      assertThat(elsewhere.requests())
          .singleElement()
          .satisfies(request -> assertThat(request.authorization()).isNull());
      assertThat(hub.toString()).doesNotContain("verysecret");
    }
  }

  @Test
  void redirectsEnd() throws Exception {
    stub.answer(
        "/api/models/Acme/Loop/revision/main",
        302,
        Map.of("Location", "/api/models/Acme/Loop/revision/main"),
        "");
    stub.answer(
        "/api/models/Acme/File/revision/main", 302, Map.of("Location", "file:///etc/passwd"), "");

    assertThat(failure("Acme/Loop")).contains("was redirected more than 5 times");
    assertThat(failure("Acme/File")).contains("not safe to follow");
    assertThat(stub.requests()).hasSize(7);
  }

  @Test
  void hugeAnswersAreCutOff() throws Exception {
    stub.answer("/api/models/Acme/Huge/revision/main", 200, "x".repeat(9 << 20));

    assertThat(failure("Acme/Huge")).contains("more than 8388608 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html>", "7", "{\"id\": \"Acme/Odd\"}", "", "{\"id\": \"../x\"}"})
  void answersThatMakeNoSense(String body) throws Exception {
    stub.answer("/api/models/Acme/Odd/revision/main", 200, body);

    assertThat(failure("Acme/Odd")).contains("by the hub").doesNotContain("<html>");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | config.json is no JSON (line 1",
        "[] | config.json is no JSON object",
        "{} | config.json has no width (hidden_size",
        "{'hidden_size': -1} | config.json has hidden_size -1, which is no whole number",
        "{'hidden_size': 99999999999} | which is no whole number from 1",
        "{'hidden_size': 8, 'num_attention_heads': 2} | has no number of layers",
        "{'architectures': ['BertForGuessing']} | vLLM of the base image cannot load BertForGuessing",
      })
  void modelsThatCannotBeServed(String config, String message) throws Exception {
    stub.answer(
        "/Acme/Chat-7B/resolve/" + StubHub.COMMIT + "/config.json", 200, config.replace('\'', '"'));
    resolve("Acme/Chat-7B");

    Violation violation = refusal("Acme/Chat-7B");
    assertThat(violation.rule()).contains("V-59");
    assertThat(violation.message()).contains(message);
  }

  @Test
  void aRepositoryWithoutWeightsCannotBeServed() throws Exception {
    stub.answer(
        "/api/models/Acme/Chat-7B/tree/" + StubHub.COMMIT + "?recursive=true",
        200,
        "[{\"type\": \"file\", \"path\": \"config.json\", \"size\": 7}]");
    resolve("Acme/Chat-7B");

    assertThat(refusal("Acme/Chat-7B").message()).contains("has no weights that vLLM can load");
  }

  @Test
  void aListOfFilesMayHavePages() throws Exception {
    String first = "/api/models/Acme/Chat-7B/tree/" + StubHub.COMMIT + "?recursive=true";
    stub.answer(
        first,
        200,
        Map.of("Link", "<" + stub.address() + "/page2>; rel=\"next\""),
        "[{\"type\": \"file\", \"path\": \"a.safetensors\", \"size\": 1073741824}]");
    stub.answer(
        "/page2",
        200,
        "[{\"type\": \"file\", \"path\": \"b.safetensors\", \"size\": 1073741824},"
            + "{\"type\": \"file\", \"path\": \"config.json\", \"size\": 1}]");
    resolve("Acme/Chat-7B");

    assertThat(
            plan("Acme/Chat-7B")
                .orElseThrow()
                .preset()
                .orElseThrow()
                .facts()
                .orElseThrow()
                .weightsBytes())
        .isEqualTo(2L << 30);
  }

  @ParameterizedTest
  @ValueSource(strings = {"phi-4", "a/../b", "a/b/c", "a b/c", "a/b?x=y", "/", "a/", "\u0000/a"})
  void namesThatTheHubCannotHaveAreNotAsked(String name) throws Exception {
    assertThat(failure(name)).contains("is no name of a model on the hub");
    assertThat(stub.requests()).isEmpty();
  }

  @Test
  void aServerThatDoesNotAnswerEndsTheWait() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      hub =
          HuggingFaceHub.builder()
              .endpoint(URI.create("http://127.0.0.1:" + silent.getLocalPort()))
              .timeout(Duration.ofMillis(200))
              .build();

      assertThat(failure("Acme/Chat-7B")).contains("was not answered in time");
    }
  }

  @Test
  void aServerThatIsNotThere() throws Exception {
    stub.close();

    assertThat(failure("Acme/Chat-7B")).contains("the hub cannot be reached");
  }

  @Test
  void whatWasFoundStaysWhenTheHubIsGone() throws Exception {
    resolve("Acme/Chat-7B");
    stub.close();

    assertThat(failure("Acme/Chat-7B")).contains("the hub cannot be reached");
    assertThat(hub.lookup("acme/chat-7b")).isInstanceOf(MetadataLookup.Found.class);
  }

  @Test
  void thePresetsOfTheCatalogueComeFirst() throws Exception {
    stub.model("microsoft/phi-4", "microsoft/phi-4", CONFIG);
    resolve("microsoft/phi-4");

    assertThat(plan("microsoft/phi-4").orElseThrow().preset().orElseThrow().name())
        .isEqualTo("phi-4");
  }

  @Test
  void settingsAreChecked() {
    for (String token : List.of("", " ", "a\nb")) {
      assertThatThrownBy(() -> HuggingFaceHub.builder().token(token))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("token")
          .hasMessageNotContaining("a\nb");
    }
    assertThatThrownBy(() -> HuggingFaceHub.builder().endpoint(URI.create("ftp://x")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> HuggingFaceHub.builder().timeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
