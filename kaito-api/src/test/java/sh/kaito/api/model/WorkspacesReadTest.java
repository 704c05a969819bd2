package sh.kaito.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kubernetes.client.custom.Quantity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sh.kaito.api.validation.SourceDocument;
import sh.kaito.api.validation.SourceLocation;
import sh.kaito.api.validation.Violation;

/** Reading what people write: what is understood, and what they are told when it is not. */
class WorkspacesReadTest {

  private static final String GOOD =
      """
      apiVersion: kaito.sh/v1beta1
      kind: Workspace
      metadata:
        name: w
      resource:
        instanceType: Standard_NC24ads_A100_v4
        labelSelector:
          matchLabels:
            apps: phi-3
      inference:
        preset:
          name: phi-3-mini-4k-instruct
      """;

  private static String report(String text) {
    WorkspaceReadException refused =
        catchThrowableOfType(WorkspaceReadException.class, () -> Workspaces.readAll(text));
    assertThat(refused).as("this should be refused:%n%s", text).isNotNull();
    return String.join("\n", refused.violations().stream().map(Violation::toString).toList());
  }

  /** A Workspace with these lines at the end. */
  private static String with(String lines) {
    return GOOD + lines;
  }

  @Test
  void readsYamlAndJsonFromStringFileAndStream(@TempDir Path folder) throws IOException {
    Workspace fromText = Workspaces.read(GOOD);
    Path file = folder.resolve("w.yaml");
    Files.writeString(file, "\ufeff" + GOOD);

    assertThat(fromText.key()).isEqualTo(WorkspaceKey.of("w"));
    assertThat(fromText.inference().orElseThrow().preset().orElseThrow().name())
        .contains("phi-3-mini-4k-instruct");
    assertThat(Workspaces.read(file)).isEqualTo(fromText);
    assertThat(
            Workspaces.read(
                new ByteArrayInputStream(GOOD.getBytes(StandardCharsets.UTF_8)), "stdin"))
        .isEqualTo(fromText);
    assertThat(Workspaces.read(Workspaces.toJson(fromText))).isEqualTo(fromText);
    assertThat(Workspaces.read(Workspaces.toYaml(fromText))).isEqualTo(fromText);
    assertThat(
            Workspaces.read("{\n\t\"apiVersion\":\t\"kaito.sh/v1beta1\", \"kind\": \"Workspace\"}"))
        .as("JSON may be indented by tabs")
        .isNotNull();
  }

  @Test
  void saysWhichFileCannotBeRead(@TempDir Path folder) {
    assertThatThrownBy(() -> Workspaces.read(folder.resolve("gone.yaml")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageMatching("Cannot read .*gone.yaml: no such file");
  }

  @Test
  void theExceptionNamesTheFileAndAllProblems(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("phi-3.yaml");
    Files.writeString(
        file, GOOD.replace("instanceType", "instanceTyp").replace("name: w", "nme: w"));

    assertThatThrownBy(() -> Workspaces.read(file))
        .isInstanceOf(WorkspaceReadException.class)
        .hasMessageContaining("phi-3.yaml: 2 problems\n")
        .hasMessageContaining("phi-3.yaml:4:3: metadata.nme: unknown field; did you mean \"name\"?")
        .hasMessageContaining("phi-3.yaml:6:3: resource.instanceTyp: unknown field;");
  }

  @Test
  void aSpecWrapperIsExplained() {
    assertThat(
            report(
                """
                apiVersion: kaito.sh/v1alpha1
                kind: Workspace
                metadata: {name: wrapped}
                spec:
                  resource:
                    labelSelector: {matchLabels: {a: b}}
                  inference:
                    preset: {nam: phi-2}
                """))
        .isEqualTo(
            """
            <text>:4:1: spec: a Workspace has no spec; allowed: resource, inference, tuning; move the blocks below spec up, beside metadata
            <text>:8:5: spec.inference.preset.name: required field is missing; add name to spec.inference.preset
            <text>:8:14: spec.inference.preset.nam: unknown field; did you mean "name"?; allowed: name, accessMode, presetOptions""");
  }

  @Test
  void numbersAndBooleansWhereTextIsWanted() {
    assertThat(
            report(
                with(
                    """
                      adapters:
                      - source: {name: x, image: r/x:1}
                        strength: 0.5
                    """)))
        .isEqualTo(
            "<text>:15:15: inference.adapters[0].strength: expected a string, found the number 0.5;"
                + " write \"0.5\" in quotes");
    assertThat(report(GOOD.replace("apps: phi-3", "gpu: yes")))
        .isEqualTo(
            "<text>:9:12: resource.labelSelector.matchLabels[gpu]: expected a string, found the"
                + " boolean yes; write \"yes\" in quotes");
    assertThat(report(GOOD.replace("apps: phi-3", "on: x")))
        .isEqualTo(
            "<text>:9:7: resource.labelSelector.matchLabels[on]: kubectl reads the key on without"
                + " quotes as true; write \"on\" in quotes");
    assertThat(report(GOOD.replace("apps: phi-3", "version: 1.0")))
        .contains("write \"1.0\" in quotes");
  }

  @Test
  void textWhereNumbersAreWanted() {
    assertThat(report(GOOD.replace("resource:", "resource:\n  count: \"2\"")))
        .isEqualTo(
            "<text>:6:10: resource.count: expected an integer, found the string \"2\"; write 2"
                + " without quotes");
    assertThat(report(GOOD.replace("resource:", "resource:\n  count: two")))
        .isEqualTo("<text>:6:10: resource.count: expected an integer, found the string \"two\"");
    assertThat(report(GOOD.replace("resource:", "resource:\n  count: 99999999999999999999")))
        .isEqualTo("<text>:6:10: resource.count: number out of range: 99999999999999999999");
  }

  @Test
  void collectionsOfTheWrongKind() {
    assertThat(report(GOOD.replace("preset:\n    name: phi", "preset: phi")))
        .isEqualTo(
            "<text>:11:11: inference.preset: expected a mapping with the fields name, accessMode,"
                + " presetOptions, found the string \"phi-3-mini-4k-instruct\"; write name:"
                + " phi-3-mini-4k-instruct below it");
    assertThat(report(GOOD.replace("resource:", "resource:\n  preferredNodes: n1")))
        .isEqualTo(
            "<text>:6:19: resource.preferredNodes: expected a list, found the string \"n1\"; begin"
                + " each element with \"- \"");
    assertThat(report(with("tuning: []\n")))
        .isEqualTo(
            "<text>:13:1: tuning: expected a mapping with the fields preset, method, config, input,"
                + " output, found a list");
  }

  @Test
  void unknownValues() {
    assertThat(report(with("    accessMode: Private\n")))
        .isEqualTo(
            "<text>:13:17: inference.preset.accessMode: unknown value \"Private\"; did you mean"
                + " \"private\"?; allowed: public, private");
    assertThat(report(GOOD.replace("kaito.sh/v1beta1", "kaito.io/v1beta1")))
        .isEqualTo(
            "<text>:1:13: apiVersion: unknown value \"kaito.io/v1beta1\"; did you mean"
                + " \"kaito.sh/v1beta1\"?; allowed: kaito.sh/v1beta1, kaito.sh/v1alpha1");
    assertThat(report(GOOD.replace("Workspace", "WorkSpace")))
        .isEqualTo(
            "<text>:2:7: kind: unknown value \"WorkSpace\"; did you mean \"Workspace\"?; allowed:"
                + " Workspace");
  }

  @Test
  void missingFields() {
    assertThat(report(GOOD.replace("  labelSelector:\n    matchLabels:\n      apps: phi-3\n", "")))
        .isEqualTo(
            "<text>:5:1: resource.labelSelector: required field is missing; add labelSelector to"
                + " resource");
    assertThat(report(GOOD.replace("    matchLabels:\n      apps: phi-3\n", "")))
        .isEqualTo(
            "<text>:7:3: resource.labelSelector: required field has no value; give it a value");
    assertThat(report(GOOD.replace("apiVersion: kaito.sh/v1beta1\n", "")))
        .isEqualTo(
            "<text>:1:1: apiVersion: required field is missing; allowed: kaito.sh/v1beta1,"
                + " kaito.sh/v1alpha1; write apiVersion: kaito.sh/v1beta1");
  }

  @Test
  void fieldsInTheWrongPlaceOrVersion() {
    assertThat(report(with("instanceType: Standard_NC6s_v3\n")))
        .isEqualTo(
            "<text>:13:1: instanceType: unknown field; did you mean \"resource.instanceType\"?; move"
                + " it to resource.instanceType");
    assertThat(report(with("    image: r/x:1\n")))
        .isEqualTo(
            "<text>:13:5: inference.preset.image: unknown field; did you mean"
                + " \"inference.preset.presetOptions.image\"?; move it to"
                + " inference.preset.presetOptions.image");
    assertThat(
            report(
                GOOD.replace("v1beta1", "v1alpha1")
                    .replace("resource:", "resource:\n  partition: {mode: mig}")))
        .isEqualTo(
            "<text>:6:3: resource.partition: exists in kaito.sh/v1beta1 only; this document is"
                + " kaito.sh/v1alpha1; allowed: kaito.sh/v1beta1; write apiVersion:"
                + " kaito.sh/v1beta1, or remove the field");
  }

  @Test
  void duplicateKeysAreRefusedEverywhere() {
    assertThat(report(GOOD.replace("resource:", "resource:\n  count: 1\n  count: 2")))
        .isEqualTo(
            "<text>:7:3: resource.count: duplicate key; the first one stands in line 6; remove one of"
                + " them; the API server keeps only the last");
    assertThat(report("apiVersion: v1\nkind: ConfigMap\ndata:\n  a: b\n  a: c\n"))
        .startsWith("<text>:5:3: data.a: duplicate key;");
  }

  @Test
  void podTemplatesAreReadStrictly() {
    String template =
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata: {name: w}
        resource: {labelSelector: {}}
        inference:
          template:
            spec:
              restartpolicy: Always
              containers:
              - image: nginx
                imagePullPolicy: always
                commands: [a]
                env:
                - name: PASSWORD
                  value: 123456
                resources:
                  limits: {memory: 16GB}
              volumes:
              - name: v
                configMap: {name: c, defaultMode: rw}
        """;

    assertThat(report(template))
        .contains(
            "<text>:8:7: inference.template.spec.restartpolicy: unknown field; did you mean"
                + " \"restartPolicy\"?",
            "<text>:10:9: inference.template.spec.containers[0].name: required field is missing",
            "<text>:11:26: inference.template.spec.containers[0].imagePullPolicy: unknown value"
                + " \"always\"; did you mean \"Always\"?",
            "<text>:12:9: inference.template.spec.containers[0].commands: unknown field; did you mean"
                + " \"command\"?",
            "<text>:15:18: inference.template.spec.containers[0].env[0].value: expected a string,"
                + " found a number; write the value in quotes",
            "<text>:17:28: inference.template.spec.containers[0].resources.limits[memory]: not a"
                + " quantity: \"16GB\"; did you mean \"16Gi\"?",
            "<text>:20:43: inference.template.spec.volumes[0].configMap.defaultMode: expected an"
                + " integer, found the string \"rw\"")
        .as("a value of an environment variable may be a password")
        .doesNotContain("123456");
  }

  @Test
  void podTemplatesMeanWhatTheyMeanToKubectl() {
    Workspace workspace =
        Workspaces.read(
            """
            apiVersion: kaito.sh/v1beta1
            kind: Workspace
            metadata: {name: w}
            resource: {labelSelector: {}}
            inference:
              template:
                spec:
                  hostNetwork: yes
                  containers:
                  - name: c
                    image: i
                    ports: [{containerPort: 80}]
                    livenessProbe: {httpGet: {port: http}}
                    resources: {limits: {nvidia.com/gpu: 1, memory: 16Gi}}
                  volumes:
                  - name: v
                    configMap: {name: c, defaultMode: 0644}
                  - name: e
                    emptyDir: {}
            """);

    var spec = workspace.inference().orElseThrow().template().orElseThrow().getSpec();
    assertThat(spec.getHostNetwork()).isTrue();
    assertThat(spec.getVolumes().get(0).getConfigMap().getDefaultMode()).isEqualTo(0644);
    assertThat(spec.getVolumes().get(1).getEmptyDir()).isNotNull();
    assertThat(spec.getContainers().get(0).getResources().getLimits())
        .containsEntry("nvidia.com/gpu", Quantity.fromString("1"));
    assertThat(Workspaces.toYaml(workspace)).contains("emptyDir: {}");
  }

  @Test
  void volumesAreReadStrictlyAndHaveNoName() {
    assertThat(
            report(
                """
                apiVersion: kaito.sh/v1beta1
                kind: Workspace
                metadata: {name: w}
                resource: {labelSelector: {}}
                tuning:
                  preset: {name: p}
                  method: lora
                  input: {volumeSource: {name: v, persistentVolumClaim: {claimName: c}}}
                  output: {volumeSource: {hostPath: {pth: /data}}}
                """))
        .contains("tuning.input.volumeSource.name: unknown field")
        .contains("persistentVolumClaim: unknown field; did you mean \"persistentVolumeClaim\"?")
        .contains("tuning.output.volumeSource.hostPath.pth: unknown field; did you mean \"path\"?")
        .contains("tuning.output.volumeSource.hostPath.path: required field is missing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a:\n\tb: 1|2:1: a tab cannot indent YAML; indent with spaces",
        "a: b: c|1:5: a second \": \" in one line, or a line indented under a value; quote the value, or check the indentation",
        "a:\n  b: 1\n c: 2|3:2: the indentation fits no open block; align the line with the block that began in line 1",
        "a: \"abc\nb: 1|1:4: a quote is opened here and never closed; close the quote",
        "a: [1, 2\nb: 1|2:2: \"[\" that began in line 1 is not closed, or a comma is missing; close the bracket, or separate the elements by commas",
        "a: b\nkey\nc: d|2:1: a key without \":\" in its line; write key: value; a key is at most 1024 characters long",
        "a: @x|1:4: a value cannot begin with this character; put the value in quotes",
        "a: \u0001|1:4: the character U+0001 is not allowed in YAML; remove it, or write it as an escape in double quotes",
        "a: *x|1:4: alias *x has no anchor before it; define &x first, or quote the value",
        "a: &x [*x]|1:8: alias *x stands inside the value that it names; write the value out",
        "- a|1:1: a document is a mapping; found a list; begin with apiVersion: and kind:",
      })
  void syntaxErrorsHaveAPositionAndAdvice(String textAndReport) {
    int bar = textAndReport.lastIndexOf('|');
    assertThat(report(textAndReport.substring(0, bar)))
        .isEqualTo("<text>:" + textAndReport.substring(bar + 1));
  }

  @Test
  void whatStandsBeforeASyntaxErrorIsReportedToo() {
    assertThat(report(GOOD.replace("instanceType", "instanceTyp") + "---\na: b: c\n"))
        .contains("<text>:6:3: resource.instanceTyp: unknown field")
        .contains("<text>:14:5: a second \": \"");
  }

  @Test
  void notUtf8() {
    byte[] latin1 = (GOOD + "# caf\u00e9\n").getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> Workspaces.read(new ByteArrayInputStream(latin1), "stdin"))
        .hasMessageEndingWith("stdin:13:6: not UTF-8 text; save the file in the encoding UTF-8");
  }

  @Test
  void tagsAreRefusedButThoseOfTheCoreSchema() {
    assertThat(report(GOOD.replace("name: w", "name: !env w")))
        .isEqualTo(
            "<text>:4:9: metadata.name: unknown tag \"!env\"; remove the tag; Kubernetes knows no"
                + " YAML tags");
    assertThat(Workspaces.read(GOOD.replace("phi-3\n", "!!str 3\n"))).isNotNull();
  }

  @Test
  void anchorsAndMergeKeysWork() {
    Workspace workspace =
        Workspaces.read(
            GOOD.replace("apps: phi-3", "&labels\n      <<: {apps: phi-3, pool: a}\n      pool: b")
                + "tuning:\n");
    assertThat(workspace.resource().labelSelector().orElseThrow().getMatchLabels())
        .containsEntry("apps", "phi-3")
        .containsEntry("pool", "b");
  }

  @Test
  void severalDocuments() {
    String others =
        """
        # a file as kubectl takes it
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: c, namespace: team}
        data: {inference_config.yaml: "vllm: {}\\n"}
        ---
        """;

    WorkspaceManifests manifests = Workspaces.readAll(others + GOOD + "---\n");

    assertThat(manifests.workspaces()).containsExactly(Workspaces.read(GOOD));
    assertThat(manifests.others()).hasSize(1);
    ManifestDocument config = manifests.others().get(0);
    assertThat(config).hasToString("ConfigMap c (<text>:3:1)");
    assertThat(config.namespace()).contains("team");
    assertThat(config.toJson()).contains("\"inference_config.yaml\":\"vllm: {}\\n\"");
    assertThatThrownBy(() -> Workspaces.read(others + GOOD))
        .hasMessageContaining(
            "<text>:3:1: kind: expected a Workspace alone, found a document of kind \"ConfigMap\"")
        .hasMessageContaining("Workspaces.readAll");
    assertThatThrownBy(() -> Workspaces.read(GOOD + "---\n" + GOOD))
        .hasMessageContaining("<text>:14:1: expected one Workspace, found another one");
    assertThatThrownBy(() -> Workspaces.read("# nothing\n"))
        .hasMessageContaining("no Workspace found; the text is empty");
  }

  @Test
  void listsAreTakenApart() {
    String item = GOOD.indent(2).replaceFirst("  ", "- ");

    WorkspaceManifests manifests =
        Workspaces.readAll("apiVersion: v1\nkind: List\nitems:\n" + item);

    assertThat(manifests.workspaces()).containsExactly(Workspaces.read(GOOD));
    assertThat(manifests.workspaces().get(0).source().orElseThrow().locate("resource.instanceType"))
        .isEqualTo(new SourceLocation("<text>", 9, 19));
  }

  @Test
  void otherKindsOfTheGroupAndForeignWorkspacesAreLeftAlone() {
    WorkspaceManifests manifests =
        Workspaces.readAll(
            """
            apiVersion: kaito.sh/v1beta1
            kind: InferenceSet
            spec: {replicas: 2}
            ---
            apiVersion: app.terraform.io/v1alpha2
            kind: Workspace
            spec: {}
            """);
    assertThat(manifests.workspaces()).isEmpty();
    assertThat(manifests.others())
        .extracting(ManifestDocument::kind)
        .containsExactly("InferenceSet", "Workspace");
  }

  @Test
  void aWorkspaceKnowsWhereItsFieldsStand() {
    Workspace workspace =
        Workspaces.read(
            GOOD.replace("name: w", "name: w\n  annotations:\n    kaito.sh/runtime: vllm"));
    SourceDocument source = workspace.toBuilder().build().source().orElseThrow();

    assertThat(source.locate("resource.instanceType")).hasToString("<text>:8:17");
    assertThat(source.locate("metadata.annotations[kaito.sh/runtime]")).hasToString("<text>:6:23");
    assertThat(source.locate("inference"))
        .as("a mapping is found by its key")
        .hasToString("<text>:12:1");
    assertThat(source.locate("inference.adapters[3].strength"))
        .as("what is not there is found by what encloses it")
        .hasToString("<text>:12:1");
    assertThat(source.locate("")).hasToString("<text>:1:1");
    assertThat(workspace)
        .isEqualTo(workspace.toBuilder().source(java.util.Optional.empty()).build());
  }

  @Test
  void theStatusOfASavedObjectIsAccepted() {
    assertThat(
            Workspaces.read(
                    with(
                        """
                        status:
                          state: Ready
                          conditions:
                          - {type: MachineReady, status: "True", reason: r, message: m, lastTransitionTime: "2025-01-01T00:00:00Z"}
                        """))
                .status()
                .workspaceState())
        .contains(WorkspaceState.READY);
  }
}
