package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.object;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.api.model.InferenceSpec;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.PresetSpec;
import sh.kaito.api.model.TuningSpec;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.Workspaces;

/**
 * Hashes of what the user asked for. They must not depend on what a definition or another release
 * fills in, or such a change would restart models.
 */
final class InputHash {
  private static final List<String> WORKLOAD_ANNOTATIONS =
      List.of(
          KaitoAnnotations.RUNTIME,
          KaitoAnnotations.PERFORMANCE_MODE,
          KaitoAnnotations.USE_LOCAL_WEIGHTS);

  /** Characters of hex. */
  private static final int HALF = 32;

  private InputHash() {}

  /** For the Services: what decides on type and ports. */
  static String ofService(Workspace workspace) {
    Map<String, String> wishes = new TreeMap<>();
    wishes.put("lb", workspace.annotation(KaitoAnnotations.ENABLE_LB).orElse(""));
    wishes.put("runtime", workspace.annotation(KaitoAnnotations.RUNTIME).orElse(""));
    return sha256(object("wishes", wishes).toString());
  }

  /**
   * For everything else. The first half is of the Workspace alone, the second of the Workspace and
   * the ConfigMaps that it names: 128 bits each.
   */
  static String ofWorkload(Workspace workspace, Map<String, Map<String, String>> configMaps) {
    Map<String, String> wishes = new TreeMap<>();
    for (String annotation : WORKLOAD_ANNOTATIONS) {
      wishes.put(annotation, workspace.annotation(annotation).orElse(""));
    }
    Map<String, String> labels = workspace.metadata().getLabels();
    if (labels != null && labels.get(KaitoLabels.INFERENCE_SET_CREATED_BY) != null) {
      wishes.put(
          KaitoLabels.INFERENCE_SET_CREATED_BY, labels.get(KaitoLabels.INFERENCE_SET_CREATED_BY));
    }
    // The typed value, not the object: a CRD that fills in one more default must restart nothing.
    Workspace.Builder spec = Workspace.builder().name("input");
    workspace.inference().map(InputHash::plain).ifPresent(spec::inference);
    workspace.tuning().map(InputHash::plain).ifPresent(spec::tuning);
    wishes.put("spec", Workspaces.toJson(spec.build()));
    String own = sha256(object("wishes", wishes).toString());
    for (ConfigMapReference reference : Manifests.configMaps(workspace)) {
      Map<String, String> data = configMaps.getOrDefault(reference.name(), Map.of());
      wishes.put(reference.path() + "/" + reference.key(), data.getOrDefault(reference.key(), ""));
    }
    String whole = sha256(object("wishes", wishes).toString());
    return own.substring(0, HALF) + whole.substring(HALF);
  }

  static boolean isSameSpecification(String hash, String other) {
    return hash.equals(other)
        || (hash.length() == 2 * HALF
            && other.length() == 2 * HALF
            && hash.substring(0, HALF).equals(other.substring(0, HALF)));
  }

  private static InferenceSpec plain(InferenceSpec inference) {
    return inference.toBuilder().preset(inference.preset().map(InputHash::plain)).build();
  }

  private static TuningSpec plain(TuningSpec tuning) {
    return tuning.toBuilder().preset(tuning.preset().map(InputHash::plain)).build();
  }

  /** A preset means the same whether or not the CRD has filled in its default access mode. */
  private static PresetSpec plain(PresetSpec preset) {
    return preset.isPrivate() ? preset : preset.toBuilder().accessMode(Optional.empty()).build();
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
