package sh.kaito.api.internal.schema;

import static sh.kaito.api.internal.schema.FieldSpec.integer;
import static sh.kaito.api.internal.schema.FieldSpec.object;
import static sh.kaito.api.internal.schema.FieldSpec.string;
import static sh.kaito.api.internal.schema.FieldSpec.strings;
import static sh.kaito.api.model.ApiVersion.V1ALPHA1;
import static sh.kaito.api.model.ApiVersion.V1BETA1;

import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sh.kaito.api.internal.schema.FieldSpec.Change;
import sh.kaito.api.internal.schema.Shape.Entries;
import sh.kaito.api.internal.schema.Shape.Fields;
import sh.kaito.api.internal.schema.Shape.Items;
import sh.kaito.api.internal.schema.Shape.Member;
import sh.kaito.api.internal.schema.Shape.Scalar;
import sh.kaito.api.model.GpuPartition;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.PresetSpec;

/**
 * The fields of a Workspace in both API versions, described once. The texts become the
 * documentation that {@code kubectl explain} shows and the reference page; the rules become CEL.
 *
 * <p>Cost of the CEL rules: an API server refuses a rule whose estimate exceeds 10 million units
 * and a definition whose sum exceeds 100 million. Comparing two strings of unknown length costs 0.3
 * million, so only the nested loops over the label selector need bounds on their sizes (64 labels,
 * 32 expressions: below one million). Other fields carry no bounds that older releases did not
 * have.
 */
public final class WorkspaceSchema {

  private static final String FIXED =
      " is fixed at creation; delete and create the Workspace to change it";

  private WorkspaceSchema() {}

  private static final Shape VOLUME =
      KubernetesShapes.without(V1Volume.class, "VolumeSource", "name");

  // resource

  private static final Fields LABEL_REQUIREMENT =
      object(
          "LabelSelectorRequirement",
          string("key", "The label's key.")
              .require()
              .constrain("maxLength", 317)
              .change(Change.FIXED),
          string("operator", "In; no other operator can become a node label.")
              .require()
              .constrain("maxLength", 64)
              .change(Change.FIXED),
          strings("values", "Exactly one value.")
              .constrain("maxItems", 64)
              .constrain("x-kubernetes-list-type", "atomic")
              .constrainItems("maxLength", 63)
              .change(Change.FIXED));

  private static final Fields LABEL_SELECTOR =
      object(
          "LabelSelector",
          FieldSpec.of(
                  "matchLabels",
                  new Entries(Scalar.STRING),
                  "Labels that every node carries. Nodes that are bought get them.")
              .constrain("maxProperties", 64)
              .constrainItems("maxLength", 63)
              .change(Change.FIXED),
          FieldSpec.of(
                  "matchExpressions",
                  new Items(LABEL_REQUIREMENT),
                  "The same labels as expressions: operator In with exactly one value.")
              .constrain("maxItems", 32)
              .constrain("x-kubernetes-list-type", "atomic")
              .change(Change.FIXED));

  private static final Fields PARTITION =
      object(
          "GpuPartition",
          FieldSpec.of(
                  "mode",
                  Scalar.oneOf(GpuPartition.MODE_MIG, GpuPartition.MODE_ACCELERATOR),
                  "mig takes one NVIDIA MIG slice, named by profile. accelerator takes count whole GPUs"
                      + " of a larger node.")
              .require()
              .change(Change.FIXED),
          string(
                  "profile",
                  "MIG profile, compute slices and gigabytes, such as 1g.10gb. Mode mig only.")
              .change(Change.FIXED),
          integer("count", "Number of whole GPUs. Mode accelerator only, and required there.")
              .constrain("minimum", 1)
              .change(Change.FIXED));

  private static final Fields RESOURCE =
      object(
          "ResourceSpec",
          integer(
                  "count",
                  "Number of GPU nodes. With a preset under vLLM the controller computes the number"
                      + " itself and reports it in status.targetNodeCount.")
              .defaultsTo(KaitoApi.DEFAULT_COUNT)
              .deprecatedIn(V1BETA1)
              .change(Change.FIXED)
              .onUpdate("self == oldSelf", "count" + FIXED),
          string(
                  "instanceType",
                  "Instance type of the GPU nodes, such as Standard_NC24ads_A100_v4. Required where the"
                      + " controller buys nodes; left out where you bring your own.")
              .defaultsTo(V1ALPHA1, KaitoApi.V1ALPHA1_DEFAULT_INSTANCE_TYPE)
              .change(Change.FIXED)
              .onUpdate("self == oldSelf || self == '' || oldSelf == ''", "instanceType" + FIXED),
          FieldSpec.of(
                  "labelSelector",
                  LABEL_SELECTOR,
                  "Labels of the GPU nodes. Nodes that are bought get them; the workload runs only on"
                      + " nodes that carry them.")
              .require()
              .constrain("x-kubernetes-map-type", "atomic")
              .change(Change.FIXED)
              .onCreation(
                  "!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator == 'In' &&"
                      + " has(e.values) && size(e.values) == 1)",
                  "matchExpressions may only use the operator In with exactly one value; write"
                      + " matchLabels instead")
              .onUpdate(SelectorRule.CEL, "labelSelector" + FIXED),
          strings(
                  "preferredNodes",
                  "Names of nodes to take first. Names that do not exist, or whose nodes do not"
                      + " qualify, are ignored.")
              .deprecatedIn(V1BETA1),
          FieldSpec.of(
                  "partition",
                  PARTITION,
                  "A part of a node's GPUs instead of whole nodes. Needs nodes that you bring"
                      + " yourself.")
              .onlyIn(V1BETA1)
              .change(Change.FIXED)
              .onCreation(
                  "self.mode != 'mig' || !has(self.count)",
                  "partition.count belongs to mode accelerator; mode mig takes a profile")
              .onCreation(
                  "self.mode != 'accelerator' || (has(self.count) && !has(self.profile))",
                  "mode accelerator takes partition.count and no partition.profile")
              .onUpdate("self == oldSelf", "partition" + FIXED));

  // preset

  private static final Fields PRESET_OPTIONS =
      object(
          "PresetOptions",
          string("image", "Your own model image, with accessMode private.")
              .deprecatedIn(V1BETA1)
              .change(Change.FIXED),
          strings("imagePullSecrets", "Names of Secrets in this namespace for pulling the image.")
              .deprecatedIn(V1BETA1)
              .change(Change.FIXED),
          string(
                  "modelAccessSecret",
                  "Name of a Secret in this namespace whose key HF_TOKEN holds a Hugging Face token.")
              .onlyIn(V1BETA1)
              .change(Change.FIXED));

  private static final Fields PRESET =
      object(
          "PresetSpec",
          string(
                  "name",
                  "Name of a preset, such as phi-3-mini-4k-instruct, or a model of Hugging Face as"
                      + " org/model.")
              .require()
              .change(Change.FIXED),
          FieldSpec.of(
                  "accessMode",
                  Scalar.oneOf(PresetSpec.ACCESS_PUBLIC, PresetSpec.ACCESS_PRIVATE),
                  "private takes the model image that presetOptions.image names.")
              .defaultsTo(PresetSpec.ACCESS_PUBLIC)
              .deprecatedIn(V1BETA1)
              .change(Change.FIXED),
          FieldSpec.of("presetOptions", PRESET_OPTIONS, "Image and Secrets of the model.")
              .change(Change.FIXED));

  private static FieldSpec preset(String description) {
    return FieldSpec.of("preset", PRESET, description)
        .change(Change.FIXED)
        .onUpdate("self.name == oldSelf.name", "preset.name" + FIXED)
        .onUpdate(
            same("has(%s.accessMode)", "%s.accessMode", "'public'"), "preset.accessMode" + FIXED)
        .onUpdate(option("image", "''"), "preset.presetOptions.image" + FIXED)
        .onUpdate(option("imagePullSecrets", "[]"), "preset.presetOptions.imagePullSecrets" + FIXED)
        .onUpdate(
            V1BETA1,
            option("modelAccessSecret", "''"),
            "preset.presetOptions.modelAccessSecret" + FIXED);
  }

  /**
   * Compares an option, whether or not presetOptions is there: {@code {}} and absence are equal.
   */
  private static String option(String name, String absent) {
    return same(
        "has(%s.presetOptions) && has(%s.presetOptions." + name + ")",
        "%s.presetOptions." + name,
        absent);
  }

  private static String same(String present, String value, String absent) {
    String cel = "(" + present + " ? " + value + " : " + absent + ")";
    return cel.replace("%s", "self") + " == " + cel.replace("%s", "oldSelf");
  }

  // data

  private static Fields source(Change nameChange) {
    return object(
        "DataSource",
        string("name", "Name of the adapter or data set; required for adapters.")
            .change(nameChange),
        strings("urls", "http or https URLs to download. Tuning input only."),
        FieldSpec.of("volumeSource", VOLUME, "A volume that holds the data.").opaque(),
        string("image", "An image that holds the data below /data."),
        strings("imagePullSecrets", "Names of Secrets in this namespace for pulling the image."));
  }

  private static final Fields DESTINATION =
      object(
          "DataDestination",
          FieldSpec.of("volumeSource", VOLUME, "A volume to write the result to.").opaque(),
          string("image", "Reference of the image to push the result to."),
          string(
              "imagePushSecret",
              "Name of one Secret in this namespace for pushing the image; required with image."));

  // inference

  private static final Fields ADAPTER =
      object(
          "AdapterSpec",
          FieldSpec.of(
              "source", source(Change.LIVE), "Where the adapter comes from: image or volume."),
          string(
              "strength",
              "Weight of the adapter from 0 to 1, as a string. None means 1.0. vLLM takes none."));

  private static final Fields INFERENCE =
      object(
          "InferenceSpec",
          preset("The model to serve. Excludes template."),
          FieldSpec.of(
                  "template",
                  KubernetesShapes.of(V1PodTemplateSpec.class),
                  "Your own pod to serve a model. Excludes preset. Its content may change, but it cannot"
                      + " be added or removed.")
              .opaque(),
          string(
              "config",
              "Name of a ConfigMap in this namespace whose key inference_config.yaml holds settings of"
                  + " the model server."),
          FieldSpec.of(
              "adapters", new Items(ADAPTER), "LoRA adapters, at most 10, with distinct names."));

  // tuning

  private static final Fields TUNING =
      object(
          "TuningSpec",
          preset("The model to tune."),
          string("method", "lora or qlora.")
              .constrain("maxLength", 64)
              .change(Change.FIXED)
              .onCreation("self.matches('^(?i)q?lora$')", "method is lora or qlora")
              .onUpdate(
                  "self.matches('^(?i)lora$') == oldSelf.matches('^(?i)lora$')", "method" + FIXED),
          string(
              "config",
              "Name of a ConfigMap in this namespace whose key training_config.yaml holds the training"
                  + " settings. None means the defaults of the method."),
          FieldSpec.of("input", source(Change.FIXED), "The training data: urls, volume or image.")
              .require()
              .onCreation(
                  "(has(self.urls) && size(self.urls) > 0 ? 1 : 0) + (has(self.volumeSource) ? 1 : 0)"
                      + " + (has(self.image) && self.image != '' ? 1 : 0) == 1",
                  "input takes exactly one of urls, volumeSource and image")
              .onUpdate(same("has(%s.name)", "%s.name", "''"), "input.name" + FIXED),
          FieldSpec.of("output", DESTINATION, "Where the result goes: image or volume.")
              .require()
              .onCreation(
                  "has(self.volumeSource) != (has(self.image) && self.image != '')",
                  "output takes exactly one of volumeSource and image")
              .onCreation(
                  "!has(self.image) || self.image == '' || (has(self.imagePushSecret) &&"
                      + " self.imagePushSecret != '')",
                  "output.image needs output.imagePushSecret"));

  // Workspace

  private static final FieldSpec ROOT =
      FieldSpec.of(
              "",
              object(
                  "Workspace",
                  string("apiVersion", "kaito.sh/v1beta1 or kaito.sh/v1alpha1."),
                  string("kind", "Workspace."),
                  FieldSpec.of(
                      "metadata",
                      KubernetesShapes.of(V1ObjectMeta.class),
                      "Name, namespace, labels, annotations."),
                  FieldSpec.of("resource", RESOURCE, "The GPU nodes to run on."),
                  FieldSpec.of("inference", INFERENCE, "Serve a model. Excludes tuning.")
                      .onCreation(
                          "has(self.preset) != has(self.template)",
                          "inference takes exactly one of preset and template")
                      .onUpdate(
                          "has(self.preset) == has(oldSelf.preset) && has(self.template) =="
                              + " has(oldSelf.template)",
                          "preset and template cannot be added, removed or exchanged; delete and create"
                              + " the Workspace"),
                  FieldSpec.of("tuning", TUNING, "Tune a model. Excludes inference.")
                      .onCreation("has(self.preset)", "tuning needs a preset")
                      .onCreation("has(self.method)", "tuning needs a method: lora or qlora")
                      .onUpdate(
                          "has(self.preset) == has(oldSelf.preset) && has(self.method) =="
                              + " has(oldSelf.method)",
                          "preset and method cannot be added or removed; delete and create the"
                              + " Workspace"),
                  FieldSpec.of("status", StatusSchema.STATUS, "What the controller observed.")
                      .change(Change.OBSERVED)),
              "A Workspace serves or tunes a large language model on GPU nodes. The controller gets the"
                  + " nodes, runs the model and reports its state. There is no spec: resource, inference"
                  + " and tuning stand beside metadata.")
          .onCreation(
              "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
              "metadata.name is at most 63 characters of a-z, 0-9 and -, and begins and ends with a"
                  + " letter or digit")
          .onCreation(
              "has(self.inference) != has(self.tuning)",
              "a Workspace takes exactly one of inference and tuning")
          .onCreation(
              "!has(self.tuning) || !has(self.resource) || !has(self.resource.count) ||"
                  + " self.resource.count <= 1",
              "tuning runs on one node: resource.count is at most 1")
          .onUpdate(
              "has(self.inference) == has(oldSelf.inference) && has(self.tuning) =="
                  + " has(oldSelf.tuning)",
              "inference and tuning cannot be added, removed or exchanged; delete and create the"
                  + " Workspace")
          .onUpdate(
              V1BETA1,
              "(has(self.resource) && has(self.resource.partition)) == (has(oldSelf.resource) &&"
                  + " has(oldSelf.resource.partition))",
              "resource.partition" + FIXED);

  /** The whole object; its name is empty. */
  public static FieldSpec root() {
    return ROOT;
  }

  /** The shape of the whole object. */
  public static Fields shape() {
    return (Fields) ROOT.shape();
  }

  /**
   * Where a field of that name does exist, for somebody who wrote it in the wrong place: below the
   * place if possible, else anywhere in the user's part of a Workspace.
   */
  public static Optional<String> pathOf(String name, String place) {
    List<String> found = new ArrayList<>();
    collect(name, "", shape(), found);
    Optional<String> below =
        found.stream().filter(path -> !place.isEmpty() && path.startsWith(place + ".")).findFirst();
    return below.isPresent() ? below : found.stream().findFirst();
  }

  private static void collect(String name, String path, Shape shape, List<String> found) {
    if (shape instanceof Items items) {
      collect(name, path + "[0]", items.element(), found);
    } else if (shape instanceof Fields fields && !fields.name().startsWith("V1")) {
      for (Member member : fields.members().values()) {
        if (member instanceof FieldSpec field && field.change() != Change.OBSERVED) {
          String child = path.isEmpty() ? field.name() : path + "." + field.name();
          if (field.name().equals(name)) {
            found.add(child);
          }
          collect(name, child, field.shape(), found);
        }
      }
    }
  }
}
