package sh.kaito.api.validation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The rules that {@link WorkspaceRules} applies, with their meaning. Every violation names one of
 * them, and the reference page is made of this table. A {@code V-} name is a rule of the Go
 * operator's admission webhook; the others are this library's own.
 */
final class RuleTable {

  /**
   * One row.
   *
   * @param severity what a violation of the rule does
   * @param meaning what the rule asks for, and where it differs from the Go operator why
   */
  record Row(String severity, String meaning) {}

  private static final String ERROR = "error";
  private static final String WARNING = "warning";
  private static final Map<String, Row> ROWS = new LinkedHashMap<>();

  static {
    row(
        "V-08",
        ERROR,
        "Required fields are there, and closed sets of values are kept. Checked here too, because a Workspace that a program builds has passed no schema.");
    row(
        "V-10",
        ERROR,
        "`metadata.name` is a DNS label of at most 63 characters: Service and pods carry it. Release 0.3.1 let longer names through; their workloads could not be created.");
    row("V-11", ERROR, "One of `inference` and `tuning` is set.");
    row("V-12", ERROR, "Not both of `inference` and `tuning` are set.");
    row(
        "V-15",
        ERROR,
        "Annotation `kaito.sh/node-image-family` is `ubuntu` or `azurelinux`, in any case.");
    row(
        "V-17",
        ERROR,
        "Annotation `kaito.sh/performance-mode` is `balanced`, `interactivity` or `throughput`.");
    row("V-18", ERROR, "Annotation `kaito.sh/use-local-weights` is `true` or `false`.");
    row(
        "V-20",
        ERROR,
        "`resource.labelSelector` says nothing that labels of nodes cannot say: `matchLabels`, or operator `In` with one value. Checked for tuning too; the Go operator lets such a tuning Workspace in, and then refuses every change of it.");
    row("V-21", WARNING, "Labels that the controller sets itself are ignored in the selector.");
    row("V-22", ERROR, "At least one label of the selector is not one of those.");
    row("V-22b", WARNING, "An empty selector takes any node of the cluster.");
    row(
        "V-28",
        WARNING,
        "Annotation `kaito.sh/bypass-resource-checks` counts by its presence, even with the value `false`.");
    row(
        "V-34",
        ERROR,
        "`resource.partition` needs nodes of your own, so no `instanceType` stands beside it.");
    row("V-35", ERROR, "`resource.partition.mode` is `mig` or `accelerator`.");
    row("V-37", ERROR, "Mode `mig` takes no `count`.");
    row(
        "V-38",
        ERROR,
        "Mode `mig` has a profile of the form `1g.10gb`. Whether a GPU knows it is judged with the catalogue.");
    row("V-41", ERROR, "Mode `accelerator` takes no `profile`.");
    row("V-42", ERROR, "Mode `accelerator` has a `count` of 1 or more.");
    row("V-44", ERROR, "Tuning runs on one node: `resource.count` is at most 1.");
    row("V-45", ERROR, "Tuning takes no partition.");
    row(
        "V-47",
        ERROR,
        "`resource.count` is at least 1. The Go operator takes 0 and less, and ignores or misreads it; who writes 0 wants no cost, and would pay for a node.");
    row("V-50", ERROR, "One of `inference.preset` and `inference.template` is set.");
    row("V-51", ERROR, "Not both of them are set.");
    row(
        "V-56",
        "error in v1alpha1, warning in v1beta1",
        "`accessMode: private` comes with `presetOptions.image`, and that is an image reference.");
    row("V-60", ERROR, "At most 10 adapters. On updates too, unless there were more before.");
    row("V-61", ERROR, "Adapters have distinct names.");
    row(
        "V-62",
        ERROR,
        "Every adapter has a `source`. Rules V-62 to V-67 hold on creation too: the Go operator checks adapters on updates only, and a missing strength crashed release 0.3.1.");
    row(
        "V-63",
        ERROR,
        "Every adapter has a name: a DNS subdomain; in v1alpha1 capitals are allowed.");
    row("V-64", ERROR, "Every adapter comes from exactly one of image and volume.");
    row("V-65", ERROR, "No adapter comes from URLs: nothing would download it.");
    row(
        "V-66",
        ERROR,
        "`strength` is a decimal number in quotes. `NaN`, `Inf` and hexadecimal, which the Go operator lets through, are refused: no model server can use them.");
    row("V-67", ERROR, "`strength` is from 0 to 1.");
    row("V-80", ERROR, "`tuning.method` is `lora` or `qlora`, in any case.");
    row("V-81", ERROR, "`tuning.preset` is set.");
    row("V-86", ERROR, "`tuning.input` and `tuning.output` are set.");
    row("V-90", ERROR, "`tuning.input` comes from exactly one of URLs, volume and image.");
    row(
        "V-92b",
        ERROR,
        "Image references are such as container engines read: lower-case repository, tag and digest optional.");
    row(
        "V-94",
        ERROR,
        "Data URLs are absolute, http or https, and aim neither at the node itself nor at private, link-local or metadata addresses, in any spelling. Both API versions; only the text is judged.");
    row(
        "V-97b",
        ERROR,
        "`tuning.output` goes to exactly one of image and volume; an image has a tag and no digest, and a push secret.");
    row("V-100", ERROR, "Update: `inference` and `tuning` stay what they were.");
    row("V-101", ERROR, "Update: `resource.count` stays.");
    row(
        "V-102",
        ERROR,
        "Update: `resource.instanceType` stays. It may be set where it was empty, and emptied; which of them is right depends on the kind of provisioning.");
    row(
        "V-103",
        ERROR,
        "Update: `resource.labelSelector` names the same labels; their spelling may change.");
    row("V-104", ERROR, "Update: `resource.partition` stays.");
    row(
        "V-105",
        ERROR,
        "Update: `inference.preset` stays. The API server's defaults and `presetOptions: {}` are no change.");
    row(
        "V-106",
        ERROR,
        "Update: `inference.template` is neither added nor removed. Its content may change.");
    row("V-108", ERROR, "Update: `tuning.preset` and `tuning.method` stay.");
    row("V-109", ERROR, "Update: `tuning.input.name` stays.");
    row(
        "runtime",
        ERROR,
        "Annotation `kaito.sh/runtime` is `vllm`, `transformers` or `legacy-image`. The Go operator takes any other value for `vllm` without a word.");
    row(
        "input-name",
        ERROR,
        "`tuning.input.name` is a DNS subdomain; in v1alpha1 capitals are allowed.");
    row(
        "label-syntax",
        ERROR,
        "Keys and values of the selector are valid labels; no node can carry others.");
    row("object-name", ERROR, "Names of ConfigMaps and Secrets are valid names.");
    row(
        "template",
        ERROR,
        "`inference.template` has containers, each with a name and an image reference.");
    row(
        "version",
        ERROR,
        "A v1alpha1 Workspace uses no field that only v1beta1 has: the API server would drop it.");
    row("adapters-template", WARNING, "Adapters belong to presets; a template does not see them.");
    row(
        "annotation-unknown",
        WARNING,
        "An annotation below `kaito.sh/` that nobody reads is probably misspelled.");
    row(
        "deprecated",
        WARNING,
        "`resource.count` above 1 and `resource.preferredNodes` in v1beta1.");
    row(
        "disable-benchmark",
        WARNING,
        "Annotation `kaito.sh/disable-benchmark` counts with the value `true` only.");
    row("enablelb", WARNING, "Annotation `kaito.sh/enablelb` counts with the value `True` only.");
    row(
        "host-path",
        WARNING,
        "A `hostPath` volume opens the node's disk to whoever may write Workspaces.");
    row(
        "url-credentials",
        WARNING,
        "A URL with user name or password shows them to whoever may read Workspaces.");
  }

  private RuleTable() {}

  static Map<String, Row> rows() {
    return Collections.unmodifiableMap(ROWS);
  }

  private static void row(String name, String severity, String meaning) {
    ROWS.put(name, new Row(severity, meaning));
  }
}
