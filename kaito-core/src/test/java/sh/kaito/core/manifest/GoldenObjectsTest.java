package sh.kaito.core.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import sh.kaito.api.model.AdapterSpec;
import sh.kaito.api.model.DataSource;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.PlanRefusal;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.plan.TestWorkspaces;

/**
 * What the Go operator created for a Workspace on a real API server, recorded for two releases,
 * against what is rendered here with the runtime and the number of nodes of that release. Every
 * difference is covered by a row of docs/decisions/manifest-differences.md, and every row covers
 * one. {@code KAITO_GOLDEN=DIR} adds a directory of more cases, laid out like {@code
 * src/test/resources/golden}; rows need not occur in it.
 */
class GoldenObjectsTest {
  private static final Path CASES = Path.of("src", "test", "resources", "golden");
  private static final Path DIFFERENCES =
      Path.of("..", "docs", "decisions", "manifest-differences.md");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String UID = "0b0c6c1e-0000-4000-8000-000000000000";

  /** {@code | `path pattern` | missing | why |}. */
  private static final Pattern ROW =
      Pattern.compile("^\\| `([^`]+)` \\| (missing|added|other) \\| (.+) \\|$");

  private static final String UNRECORDED = "## Without a recorded case";

  private static final Set<String> COMPARED =
      Set.of("Deployment", "StatefulSet", "Job", "Service", "ConfigMap");

  /** One difference; {@code id} is version, kind and path. */
  private record Difference(String id, String how, String detail) {}

  /** One row of the page; {@code recorded}: a case that is shipped shows it. */
  private record Row(String pattern, String how, boolean recorded) {
    boolean covers(Difference difference) {
      String regex =
          Stream.of(pattern.split("\\*", -1))
              .map(Pattern::quote)
              .reduce((left, right) -> left + ".*" + right)
              .orElseThrow();
      return how.equals(difference.how()) && difference.id().matches(regex);
    }
  }

  @Test
  void everyDifferenceIsListedWithItsReason() throws IOException {
    List<Difference> found = differences(CASES);
    List<Row> rows = rows();

    assertThat(uncovered(found, rows))
        .as("differences from the recorded objects without a row in %s", DIFFERENCES)
        .isEmpty();
    assertThat(
            rows.stream()
                .filter(Row::recorded)
                .filter(row -> found.stream().noneMatch(row::covers))
                .toList())
        .as("rows of %s that no longer differ", DIFFERENCES)
        .isEmpty();
    assertThat(
            rows.stream()
                .filter(row -> !row.recorded() && found.stream().anyMatch(row::covers))
                .toList())
        .as("rows of %s below \"%s\" that a case does show", DIFFERENCES, UNRECORDED)
        .isEmpty();
  }

  @Test
  void moreCasesDifferInTheSameWaysOnly() throws IOException {
    String more = System.getenv("KAITO_GOLDEN");
    Path directory = more == null ? CASES : Path.of(more);

    assertThat(uncovered(differences(directory), rows()))
        .as("differences of the cases in %s without a row in %s", directory, DIFFERENCES)
        .isEmpty();
  }

  private static List<String> uncovered(List<Difference> found, List<Row> rows) {
    return found.stream()
        .filter(difference -> rows.stream().noneMatch(row -> row.covers(difference)))
        .map(
            difference ->
                difference.how() + "  " + difference.id() + "   (" + difference.detail() + ")")
        .sorted()
        .distinct()
        .toList();
  }

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    boolean recorded = true;
    for (String line : Files.readAllLines(DIFFERENCES)) {
      recorded &= !line.equals(UNRECORDED);
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        rows.add(new Row(row.group(1), row.group(2), recorded));
      }
    }
    assertThat(rows).as("rows of %s", DIFFERENCES).isNotEmpty();
    return rows;
  }

  private static List<Difference> differences(Path root) throws IOException {
    List<Difference> found = new ArrayList<>();
    int compared = 0;
    for (Path version : folders(root)) {
      for (Path folder : folders(version)) {
        Map<String, JsonNode> theirs = recorded(folder);
        if (theirs.keySet().stream().anyMatch(key -> !key.startsWith("Service"))) {
          compare(version.getFileName().toString(), folder, theirs, found);
          compared++;
        }
      }
    }
    assertThat(compared).as("cases compared in %s", root).isPositive();
    return found;
  }

  private static void compare(
      String version, Path folder, Map<String, JsonNode> theirs, List<Difference> found)
      throws IOException {
    String namespace =
        theirs.values().iterator().next().path("metadata").path("namespace").asText();
    Map<String, Map<String, String>> configMaps = new TreeMap<>();
    Workspace workspace = input(folder, namespace, configMaps);
    String name = workspace.key().name();
    int nodes =
        theirs.values().stream()
            .mapToInt(o -> o.path("spec").path("replicas").asInt(1))
            .max()
            .orElse(1);
    Map<String, JsonNode> ours = rendered(version, workspace, namespace, configMaps, nodes, folder);
    Map<String, String> names = names(workspace);
    Set<String> keys = new TreeSet<>(theirs.keySet());
    keys.addAll(ours.keySet());
    for (String key : keys) {
      String kind = key.substring(0, key.indexOf(' '));
      String role = key.substring(kind.length() + 1).replace(name, "W");
      String prefix = version + " " + kind + "/" + role;
      JsonNode their = theirs.get(key);
      JsonNode our = ours.get(key);
      if (their == null || our == null) {
        found.add(
            new Difference(
                prefix, our == null ? "missing" : "added", folder.getFileName().toString()));
        continue;
      }
      SortedMap<String, String> theirFacts = ObjectFacts.of(their, names);
      settingsWin(theirFacts, workspace, configMaps);
      SortedMap<String, String> ourFacts = ObjectFacts.of(our, names);
      Set<String> paths = new TreeSet<>(theirFacts.keySet());
      paths.addAll(ourFacts.keySet());
      for (String path : paths) {
        Optional<String> before = Optional.ofNullable(theirFacts.get(path));
        Optional<String> after = Optional.ofNullable(ourFacts.get(path));
        if (!before.equals(after)) {
          found.add(
              new Difference(
                  prefix + " " + path,
                  after.isEmpty() ? "missing" : before.isEmpty() ? "added" : "other",
                  folder.getFileName()
                      + ": "
                      + before.orElse("nothing")
                      + " -> "
                      + after.orElse("nothing")));
        }
      }
    }
  }

  /** The longest first, or one name would be replaced inside another. */
  private static Map<String, String> names(Workspace workspace) {
    Map<String, String> names =
        new TreeMap<>(
            Comparator.comparingInt(String::length).reversed().thenComparing(String::compareTo));
    names.put(workspace.key().name(), "W");
    workspace
        .inference()
        .ifPresent(
            inference -> {
              for (AdapterSpec adapter : inference.adapters()) {
                adapter
                    .source()
                    .flatMap(DataSource::name)
                    .ifPresent(name -> names.put(name, "ADAPTER" + names.size()));
              }
            });
    return names;
  }

  /** A server that reads a settings file puts its flags over those of the command line. */
  private static void settingsWin(
      SortedMap<String, String> facts,
      Workspace workspace,
      Map<String, Map<String, String>> configMaps) {
    String command = "spec.template.spec.main[W].command.--";
    if (!facts.containsKey(command + "kaito-config-file")) {
      return;
    }
    String text =
        Manifests.configMaps(workspace).stream()
            .flatMap(
                reference ->
                    Optional.ofNullable(
                        configMaps.getOrDefault(reference.name(), Map.of()).get(reference.key()))
                        .stream())
            .findFirst()
            .orElseThrow();
    Object settings = new Load(LoadSettings.builder().build()).loadFromString(text);
    JSON.valueToTree(settings)
        .path("vllm")
        .properties()
        .forEach(flag -> facts.put(command + flag.getKey(), flag.getValue().asText()));
  }

  private static Map<String, JsonNode> rendered(
      String version,
      Workspace workspace,
      String namespace,
      Map<String, Map<String, String>> configMaps,
      int nodes,
      Path folder) {
    ServingRuntime theirs =
        version.startsWith("v0.3.")
            ? ServingRuntime.LEGACY_IMAGE
            : workspace.tuning().isPresent()
                ? ServingRuntime.TRANSFORMERS
                : workspace
                    .annotation("kaito.sh/runtime")
                    .flatMap(ServingRuntime::ofWireName)
                    .orElse(ServingRuntime.VLLM);
    PlanInputs.Builder planInputs =
        PlanInputs.builder().pinnedRuntime(theirs).pinnedNodeCount(nodes);
    for (ConfigMapReference reference : Manifests.configMaps(workspace)) {
      Optional<String> text =
          Optional.ofNullable(
              configMaps.getOrDefault(reference.name(), Map.of()).get(reference.key()));
      if (reference.key().equals(KaitoApi.INFERENCE_CONFIG_KEY)) {
        planInputs.inferenceConfig(text);
      } else {
        planInputs.trainingConfig(text);
      }
    }
    var outcome = Planner.builder().build().plan(workspace, planInputs.build());
    if (outcome instanceof PlanRefusal refusal) {
      throw new AssertionError(folder + " cannot be planned: " + refusal);
    }
    Plan plan = (Plan) outcome;
    Map<String, String> labels = new TreeMap<>(plan.nodes().labels());
    labels.put(KaitoLabels.OWNER_UID, UID);
    Rendered rendered =
        Manifests.render(
                RenderInputs.builder()
                    .plan(plan)
                    .workspace(workspace)
                    .owner(
                        new Owner(
                            WorkspaceKey.of(namespace, workspace.key().name()),
                            KaitoApi.GROUP
                                + "/"
                                + (version.startsWith("v0.3.") ? "v1alpha1" : "v1beta1"),
                            UID))
                    .constraints(
                        new NodeConstraints(
                            labels, List.of(new NodeConstraints.Taint("sku", "gpu", "NoSchedule"))))
                    .configMaps(configMaps)
                    .build())
            .orElseThrow();
    Map<String, JsonNode> objects = new LinkedHashMap<>();
    rendered
        .manifests()
        .forEach(
            manifest -> {
              try {
                add(objects, JSON.readTree(manifest.toJson()));
              } catch (IOException e) {
                throw new AssertionError("a manifest is JSON", e);
              }
            });
    return objects;
  }

  /** The recorded objects that a controller made; users' ConfigMaps are not among them. */
  private static Map<String, JsonNode> recorded(Path folder) throws IOException {
    Map<String, JsonNode> objects = new LinkedHashMap<>();
    Path directory = folder.resolve("objects");
    if (!Files.isDirectory(directory)) {
      return objects;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted().toList()) {
        JsonNode object = JSON.valueToTree(load(file).get(0));
        boolean theirs =
            !object.path("kind").asText().equals("ConfigMap")
                || object.path("metadata").path("name").asText().endsWith("-params-template");
        if (COMPARED.contains(object.path("kind").asText()) && theirs) {
          add(objects, object);
        }
      }
    }
    return objects;
  }

  /** Default training settings have other names on both sides, and are compared as YAML. */
  private static void add(Map<String, JsonNode> objects, JsonNode object) {
    String kind = object.path("kind").asText();
    if (!kind.equals("ConfigMap")) {
      objects.put(kind + " " + object.path("metadata").path("name").asText(), object);
      return;
    }
    Object settings =
        new Load(LoadSettings.builder().build())
            .loadFromString(object.path("data").path("training_config.yaml").asText());
    objects.put("ConfigMap default-training-settings", JSON.valueToTree(settings));
  }

  private static Workspace input(
      Path folder, String namespace, Map<String, Map<String, String>> configMaps)
      throws IOException {
    Optional<Workspace> workspace = Optional.empty();
    for (Object document : load(folder.resolve("input.yaml"))) {
      JsonNode tree = JSON.valueToTree(document);
      switch (tree.path("kind").asText()) {
        case "Workspace" -> {
          Workspace read = TestWorkspaces.of(document);
          read.metadata().setNamespace(namespace);
          workspace = Optional.of(read);
        }
        case "ConfigMap" -> {
          Map<String, String> data = new TreeMap<>();
          tree.path("data").properties().forEach(e -> data.put(e.getKey(), e.getValue().asText()));
          configMaps.put(tree.path("metadata").path("name").asText(), data);
        }
        default -> {
          // Secrets are mounted, never read.
        }
      }
    }
    return workspace.orElseThrow(() -> new AssertionError("no Workspace in " + folder));
  }

  private static List<Object> load(Path file) throws IOException {
    List<Object> documents = new ArrayList<>();
    new Load(LoadSettings.builder().build())
        .loadAllFromString(Files.readString(file))
        .forEach(documents::add);
    return documents;
  }

  private static List<Path> folders(Path root) throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      return files.filter(Files::isDirectory).sorted().toList();
    }
  }
}
