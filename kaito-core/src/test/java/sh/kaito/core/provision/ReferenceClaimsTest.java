package sh.kaito.core.provision;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSlot;

/**
 * Our claims beside those that the Go operator wrote for the same Workspaces. Every difference is
 * listed here and explained in docs/decisions/claim-differences.md.
 */
class ReferenceClaimsTest {
  private static final NodeSlot SLOT = new NodeSlot(0, 1);
  private static final String NAME = "kabcdefghijk";

  private static final String INSTANCE_TYPE = "spec.requirements[node.kubernetes.io/instance-type]";

  @ParameterizedTest
  @ValueSource(
      strings = {"machine-preset", "machine-adapters", "machine-tuning", "machine-multinode"})
  void aMachineIsThatOfTheGoOperatorWithOurNameAndLabels(String reference) {
    Map<String, String> differences = differences(reference, new MachineDialect());
    assertThat(differences)
        .containsOnlyKeys(
            "metadata.name",
            "spec.machineTemplateRef.name",
            "metadata.annotations[java.kaito.sh/owner]",
            "metadata.labels[java.kaito.sh/owner-uid]",
            "metadata.labels[java.kaito.sh/set]",
            "metadata.labels[java.kaito.sh/slot]",
            "metadata.labels[java.kaito.sh/epoch]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nodeclaim-preset",
        "nodeclaim-adapters",
        "nodeclaim-tuning",
        "nodeclaim-multinode"
      })
  void aClaimForGpuProvisionerIsThatOfTheGoOperatorWithOurNameAndLabels(String reference) {
    Map<String, String> differences = differences(reference, new GpuProvisionerDialect());
    assertThat(differences)
        .containsOnlyKeys(
            "metadata.name",
            "metadata.annotations[java.kaito.sh/owner]",
            "metadata.labels[java.kaito.sh/owner-uid]",
            "metadata.labels[java.kaito.sh/set]",
            "metadata.labels[java.kaito.sh/slot]",
            "metadata.labels[java.kaito.sh/epoch]");
  }

  @Test
  void aClaimForAStockKarpenterLeavesOutWhatOnlyGpuProvisionerReads() {
    Map<String, String> differences =
        differences(
            "nodeclaim-preset",
            new KarpenterDialect(
                new NodeClassRef("karpenter.azure.com", "AKSNodeClass", "gpu-nodes")));
    assertThat(differences)
        .containsOnlyKeys(
            "metadata.name",
            "metadata.annotations[java.kaito.sh/owner]",
            "metadata.annotations[kaito.sh/node-image-family]",
            "metadata.labels[java.kaito.sh/owner-uid]",
            "metadata.labels[java.kaito.sh/set]",
            "metadata.labels[java.kaito.sh/slot]",
            "metadata.labels[java.kaito.sh/epoch]",
            "metadata.labels[kaito.sh/workspace]",
            "metadata.labels[kaito.sh/workspacenamespace]",
            "metadata.labels[karpenter.sh/nodepool]",
            "spec.nodeClassRef.group",
            "spec.nodeClassRef.kind",
            "spec.nodeClassRef.name",
            "spec.requirements[karpenter.sh/nodepool]",
            "spec.requirements[karpenter.azure.com/sku-name]",
            "spec.resources.requests.storage");
  }

  @Test
  void everyDifferenceIsExplained() throws IOException {
    String page = Files.readString(Path.of("../docs/decisions/claim-differences.md"));
    Map<String, String> all = new TreeMap<>(differences("machine-preset", new MachineDialect()));
    all.putAll(differences("nodeclaim-preset", new GpuProvisionerDialect()));
    all.putAll(
        differences("nodeclaim-preset", new KarpenterDialect(new NodeClassRef("g", "K", "n"))));
    all.keySet()
        .forEach(
            path ->
                assertThat(page).as("docs/decisions explain %s", path).contains("`" + path + "`"));
  }

  @Test
  void labelsOfTheUserDoNotOverrideWhoseItIs() {
    NodeSetSpec spec =
        Given.spec()
            .putLabels(KaitoLabels.WORKSPACE, "other")
            .putLabels(KaitoLabels.OWNER_UID, "other")
            .build();
    for (ClaimDialect dialect :
        new ClaimDialect[] {new MachineDialect(), new GpuProvisionerDialect()}) {
      JsonNode labels = dialect.render(spec, SLOT, NAME).path("metadata").path("labels");
      assertThat(labels.path(KaitoLabels.WORKSPACE).asText()).isEqualTo("phi");
      assertThat(labels.path(KaitoLabels.OWNER_UID).asText()).isEqualTo("uid-1");
    }
  }

  /** Paths that differ, with both values. What the API server and the fulfiller add is left out. */
  private static Map<String, String> differences(String reference, ClaimDialect dialect) {
    ObjectNode theirs = read(reference);
    ObjectNode metadata = (ObjectNode) theirs.get("metadata");
    metadata.remove(
        java.util.List.of(
            "creationTimestamp", "finalizers", "generation", "resourceVersion", "uid"));
    Map<String, String> before = flat(theirs);
    Map<String, String> after = flat(dialect.render(sameWish(theirs, before), SLOT, NAME));
    Map<String, String> differences = new TreeMap<>();
    before.forEach(
        (path, value) -> {
          if (!value.equals(after.get(path))) {
            differences.put(path, value + " -> " + after.get(path));
          }
        });
    after.forEach(
        (path, value) -> {
          if (!before.containsKey(path)) {
            differences.put(path, "none -> " + value);
          }
        });
    return differences;
  }

  /** The wish that the reference answered to, read back from its claim. */
  private static NodeSetSpec sameWish(JsonNode claim, Map<String, String> flat) {
    JsonNode labels = claim.path("metadata").path("labels");
    NodeSetSpec.Builder spec =
        NodeSetSpec.builder()
            .key(
                new NodeSetKey(
                    labels.path(KaitoLabels.WORKSPACE_NAMESPACE).asText(),
                    labels.path(KaitoLabels.WORKSPACE).asText(),
                    "uid-1",
                    NodeSetKey.WORKERS))
            .addSlots(SLOT)
            .instanceType(Objects.requireNonNull(flat.get(INSTANCE_TYPE)).replace("In ", ""))
            .gpusPerNode(1)
            .storage(claim.path("spec").path("resources").path("requests").path("storage").asText())
            .purchaseAllowed(true);
    for (String user : new String[] {"app", "apps"}) {
      if (labels.has(user)) {
        spec.putLabels(user, labels.path(user).asText());
      }
    }
    return spec.build();
  }

  private static ObjectNode read(String reference) {
    try (InputStream yaml =
        Objects.requireNonNull(
            ReferenceClaimsTest.class.getResourceAsStream("reference/" + reference + ".yaml"),
            reference)) {
      return new ObjectMapper()
          .valueToTree(new Load(LoadSettings.builder().build()).loadFromInputStream(yaml));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Map<String, String> flat(JsonNode claim) {
    Map<String, String> flat = new TreeMap<>();
    flatten("", claim, flat);
    return flat;
  }

  private static void flatten(String path, JsonNode node, Map<String, String> into) {
    if (path.equals("spec.requirements")) {
      node.forEach(
          one ->
              into.put(
                  path + "[" + one.path("key").asText() + "]",
                  one.path("operator").asText() + " " + one.path("values").path(0).asText()));
    } else if (node.isObject()) {
      boolean map = path.endsWith("labels") || path.endsWith("annotations");
      node.properties()
          .forEach(
              entry ->
                  flatten(
                      map
                          ? path + "[" + entry.getKey() + "]"
                          : path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                      entry.getValue(),
                      into));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        flatten(path + "[" + i + "]", node.get(i), into);
      }
    } else {
      into.put(path, node.asText());
    }
  }
}
