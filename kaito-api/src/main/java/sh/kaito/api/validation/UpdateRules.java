package sh.kaito.api.validation;

import io.kubernetes.client.openapi.models.V1LabelSelector;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.GpuPartition;
import sh.kaito.api.model.InferenceSpec;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.PresetSpec;
import sh.kaito.api.model.ResourceSpec;
import sh.kaito.api.model.TuningSpec;
import sh.kaito.api.model.Workspace;

/** What is fixed at creation. Absence and the API server's default are the same. */
final class UpdateRules {
  private static final String RECREATE = "delete and create the Workspace to change it";

  private final Findings findings = new Findings();

  private UpdateRules() {}

  static List<Violation> validate(Workspace before, Workspace after) {
    UpdateRules rules = new UpdateRules();
    rules.kind(before, after);
    rules.resource(before, after);
    if (before.inference().isPresent() && after.inference().isPresent()) {
      rules.inference(before.inference().get(), after.inference().get());
    }
    if (before.tuning().isPresent() && after.tuning().isPresent()) {
      rules.tuning(before.tuning().get(), after.tuning().get());
    }
    return rules.findings.toList();
  }

  private void kind(Workspace before, Workspace after) {
    presence("V-100", "inference", before.inference(), after.inference());
    presence("V-100", "tuning", before.tuning(), after.tuning());
  }

  private void resource(Workspace before, Workspace after) {
    ResourceSpec old = before.resource();
    ResourceSpec now = after.resource();
    int oldCount = old.count().orElse(KaitoApi.DEFAULT_COUNT);
    int newCount = now.count().orElse(KaitoApi.DEFAULT_COUNT);
    if (oldCount != newCount) {
      fixed("V-101", "resource.count", Integer.toString(oldCount), Integer.toString(newCount));
    }
    String oldType = instanceType(before);
    String newType = instanceType(after);
    if (!oldType.isEmpty() && !newType.isEmpty() && !oldType.equals(newType)) {
      fixed("V-102", "resource.instanceType", oldType, newType);
    }
    selector(old, now);
    Optional<String> oldPartition = old.partition().map(UpdateRules::describe);
    Optional<String> newPartition = now.partition().map(UpdateRules::describe);
    if (!oldPartition.equals(newPartition)) {
      fixed(
          "V-104", "resource.partition", oldPartition.orElse("none"), newPartition.orElse("none"));
    }
  }

  /** An object that goes through v1alpha1 gets the default where it names no instance type. */
  private static String instanceType(Workspace workspace) {
    return workspace
        .resource()
        .instanceType()
        .orElse(
            workspace.apiVersion() == ApiVersion.V1ALPHA1
                ? KaitoApi.V1ALPHA1_DEFAULT_INSTANCE_TYPE
                : "");
  }

  private static String describe(GpuPartition partition) {
    String count =
        partition.count().isPresent() ? Integer.toString(partition.count().getAsInt()) : "";
    return String.join(" ", partition.mode().orElse(""), partition.profile().orElse(""), count)
        .strip();
  }

  private void selector(ResourceSpec old, ResourceSpec now) {
    Optional<Map<String, String>> oldLabels =
        LabelSelectors.labels(old.labelSelector().orElseGet(V1LabelSelector::new));
    Optional<Map<String, String>> newLabels =
        LabelSelectors.labels(now.labelSelector().orElseGet(V1LabelSelector::new));
    boolean same =
        oldLabels.isPresent() && newLabels.isPresent()
            ? oldLabels.equals(newLabels)
            : old.labelSelector().equals(now.labelSelector());
    if (!same) {
      fixed("V-103", "resource.labelSelector", text(oldLabels), text(newLabels));
    }
  }

  private static String text(Optional<Map<String, String>> labels) {
    return labels
        .map(
            map ->
                map.entrySet().stream()
                    .map(entry -> entry.getKey() + "=" + entry.getValue())
                    .collect(Collectors.joining(", ")))
        .orElse("expressions");
  }

  private void inference(InferenceSpec old, InferenceSpec now) {
    presence("V-105", "inference.preset", old.preset(), now.preset());
    presence("V-106", "inference.template", old.template(), now.template());
    if (old.preset().isPresent() && now.preset().isPresent()) {
      preset("V-105", "inference.preset", old.preset().get(), now.preset().get());
    }
  }

  private void tuning(TuningSpec old, TuningSpec now) {
    presence("V-108", "tuning.preset", old.preset(), now.preset());
    if (old.preset().isPresent() && now.preset().isPresent()) {
      preset("V-108", "tuning.preset", old.preset().get(), now.preset().get());
    }
    String oldMethod = old.method().orElse("");
    String newMethod = now.method().orElse("");
    if (!oldMethod.equalsIgnoreCase(newMethod)) {
      fixed("V-108", "tuning.method", oldMethod, newMethod);
    }
    String oldName = old.input().flatMap(input -> input.name()).orElse("");
    String newName = now.input().flatMap(input -> input.name()).orElse("");
    if (now.input().isPresent() && !oldName.equals(newName)) {
      fixed("V-109", "tuning.input.name", oldName, newName);
    }
  }

  private void preset(String rule, String path, PresetSpec old, PresetSpec now) {
    same(rule, path + ".name", old.name(), now.name(), "");
    same(rule, path + ".accessMode", old.accessMode(), now.accessMode(), PresetSpec.ACCESS_PUBLIC);
    String options = path + ".presetOptions";
    same(rule, options + ".image", old.presetOptions().image(), now.presetOptions().image(), "");
    same(
        rule,
        options + ".modelAccessSecret",
        old.presetOptions().modelAccessSecret(),
        now.presetOptions().modelAccessSecret(),
        "");
    List<String> oldSecrets = old.presetOptions().imagePullSecrets();
    List<String> newSecrets = now.presetOptions().imagePullSecrets();
    if (!oldSecrets.equals(newSecrets)) {
      fixed(rule, options + ".imagePullSecrets", oldSecrets.toString(), newSecrets.toString());
    }
  }

  private void same(
      String rule, String path, Optional<String> old, Optional<String> now, String fallback) {
    if (!old.orElse(fallback).equals(now.orElse(fallback))) {
      fixed(rule, path, old.orElse(fallback), now.orElse(fallback));
    }
  }

  private void presence(String rule, String path, Optional<?> old, Optional<?> now) {
    if (old.isPresent() != now.isPresent()) {
      findings.add(
          rule,
          Violation.error(
                  path,
                  now.isPresent()
                      ? "cannot be added after creation"
                      : "cannot be removed after creation")
              .action("delete and create the Workspace"));
    }
  }

  private void fixed(String rule, String path, String old, String now) {
    Violation.Builder violation =
        Violation.error(
                path, "fixed at creation; it is " + show(old) + " and cannot become " + show(now))
            .found(Quoted.shorten(now))
            .action(RECREATE);
    findings.add(rule, violation);
  }

  private static String show(String value) {
    return value.isEmpty() ? "empty" : Quoted.of(value);
  }
}
