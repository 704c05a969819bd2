package sh.kaito.core.plan;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.HttpDialect;
import sh.kaito.core.catalog.ModelPreset;

/** A plan as JSON; the schema is described at {@link Plan#toJson()}. */
final class PlanJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private PlanJson() {}

  static String of(Plan plan) {
    ObjectNode root = JSON.objectNode();
    root.put("schemaVersion", 1);
    root.set(
        "workspace",
        JSON.objectNode()
            .put("namespace", plan.workspace().namespace())
            .put("name", plan.workspace().name()));
    root.put("workload", plan.workload().name());
    root.set("nodes", nodes(plan.nodes()));
    plan.preset().ifPresent(preset -> root.set("model", model(plan, preset)));
    plan.runtime()
        .ifPresent(
            choice ->
                root.set(
                    "runtime",
                    JSON.objectNode()
                        .put("name", choice.runtime().wireName())
                        .put("reason", choice.reason())));
    memory(plan, root);
    ArrayNode images = root.putArray("images");
    for (PlannedImage image : plan.images()) {
      images.addObject().put("role", image.role()).put("reference", image.reference());
    }
    plan.httpDialect()
        .ifPresent(
            dialect ->
                root.set(
                    "endpoint",
                    JSON.objectNode()
                        .put("service", plan.workspace().name())
                        .put("port", 80)
                        .put("containerPort", HttpDialect.CONTAINER_PORT)
                        .put("dialect", dialect.wireName())
                        .put("chatPath", dialect.chatPath())
                        .put("healthPath", dialect.healthPath())));
    ArrayNode objects = root.putArray("objects");
    for (PlannedObject object : plan.objects()) {
      objects
          .addObject()
          .put("apiVersion", object.apiVersion())
          .put("kind", object.kind())
          .put("name", object.name())
          .put("note", object.note());
    }
    ArrayNode references = root.putArray("references");
    for (PlannedReference reference : plan.references()) {
      references
          .addObject()
          .put("kind", reference.kind())
          .put("name", reference.name())
          .put("key", reference.key())
          .put("purpose", reference.purpose());
    }
    Deadlines deadlines = plan.deadlines();
    root.set(
        "deadlines",
        JSON.objectNode()
            .put("machineCreatedSeconds", deadlines.machineCreated().toSeconds())
            .put("nodeRegisteredSeconds", deadlines.nodeRegistered().toSeconds())
            .put("gpuAllocatableSeconds", deadlines.gpuAllocatable().toSeconds())
            .put("imagePulledSeconds", deadlines.imagePulled().toSeconds())
            .put("modelReadySeconds", deadlines.modelReady().toSeconds()));
    ExpectedTimes times = plan.expectedTimes();
    ObjectNode expected = root.putObject("expected");
    range(expected.putObject("nodesSeconds"), times.nodes());
    range(expected.putObject("imageSeconds"), times.image());
    range(expected.putObject("modelSeconds"), times.model());
    range(expected.putObject("totalSeconds"), times.total());
    plan.price().ifPresent(price -> price(root.putObject("price"), price));
    advice(root.putArray("warnings"), plan.warnings());
    advice(root.putArray("migration"), plan.migration());
    return root.toPrettyString();
  }

  private static void range(ObjectNode node, ExpectedTimes.Range range) {
    node.put("shortest", range.shortest().toSeconds()).put("longest", range.longest().toSeconds());
  }

  private static void price(ObjectNode node, PlannedPrice price) {
    node.put("currency", price.machine().currency())
        .put("machinePerHour", price.machine().amount().toPlainString())
        .put("machines", price.machines())
        .put("perHour", price.perHour().toPlainString())
        .put("region", price.machine().region())
        .put("asOf", price.machine().asOf().toString());
  }

  private static void advice(ArrayNode array, List<Violation> list) {
    for (Violation warning : list) {
      ObjectNode node = array.addObject();
      node.put("path", warning.path()).put("message", warning.message());
      warning.action().ifPresent(action -> node.put("action", action));
    }
  }

  private static ObjectNode nodes(NodePlan nodes) {
    ObjectNode node = JSON.objectNode();
    node.put("count", nodes.count()).put("reason", nodes.reason());
    nodes.instanceType().ifPresent(name -> node.put("instanceType", name));
    node.put("bringYourOwn", nodes.bringYourOwn());
    nodes.gpus().ifPresent(gpus -> node.set("gpus", gpus(gpus)));
    node.put("gpuResource", nodes.gpuResource())
        .put("gpusPerPod", nodes.gpusPerPod())
        .put("diskGiB", nodes.diskGiB());
    ObjectNode labels = node.putObject("labels");
    nodes.labels().forEach(labels::put);
    return node;
  }

  private static ObjectNode gpus(GpuShape gpus) {
    ObjectNode node = JSON.objectNode();
    node.put("product", gpus.product()).put("count", gpus.count());
    node.put("memoryGiB", gpus.memoryGiB());
    gpus.usableMemoryGiB().ifPresent(usable -> node.put("usableMemoryGiB", usable));
    gpus.computeCapability()
        .ifPresent(capability -> node.put("computeCapability", capability.toString()));
    gpus.migProfile().ifPresent(profile -> node.put("migProfile", profile));
    return node;
  }

  private static ObjectNode model(Plan plan, ModelPreset preset) {
    ObjectNode node = JSON.objectNode();
    node.put("preset", preset.name());
    preset
        .facts()
        .ifPresent(
            facts ->
                node.put("huggingFaceId", facts.huggingFaceId())
                    .put("maxModelLen", facts.maxModelLen()));
    if (plan.weightsBytes() > 0) {
      node.put("weightsBytes", plan.weightsBytes());
    }
    return node;
  }

  private static void memory(Plan plan, ObjectNode root) {
    plan.sizing()
        .ifPresent(
            sizing -> {
              ObjectNode node = root.putObject("memory");
              node.put("tensorParallel", sizing.layout().tensor())
                  .put("pipelineParallel", sizing.layout().pipeline())
                  .put("dataParallel", sizing.layout().data());
              lines(node, sizing.lines());
              node.put("neededBytes", Math.round(sizing.neededBytes()))
                  .put("availableBytes", Math.round(sizing.budgetBytes()))
                  .put("utilization", sizing.utilization())
                  .put("gpuMemoryGiB", sizing.gpuMemoryGiB())
                  .put("gpuMemoryMeasured", sizing.gpuMemoryMeasured())
                  .put("contextTokens", sizing.contextTokens())
                  .put("projectedContextTokens", sizing.projectedContextTokens());
              ArrayNode forced = node.putArray("forcedBy");
              sizing.forcedBy().forEach(forced::add);
              sizing
                  .upstream()
                  .ifPresent(estimate -> node.put("goOperatorNodes", estimate.nodes()));
            });
    plan.memoryCheck()
        .ifPresent(
            check -> {
              ObjectNode node = root.putObject("memory");
              node.put("basis", check.basis());
              lines(node, check.lines());
              node.put("gpusNeeded", check.gpusNeeded())
                  .put("gpusAvailable", check.gpusAvailable())
                  .put("perGpuNeededGiB", check.perGpuNeededGiB())
                  .put("perGpuAvailableGiB", check.perGpuAvailableGiB())
                  .put("totalNeededGiB", check.totalNeededGiB())
                  .put("totalAvailableGiB", check.totalAvailableGiB())
                  .put("enough", check.enough());
            });
  }

  private static void lines(ObjectNode node, List<MemoryLine> lines) {
    ArrayNode array = node.putArray("lines");
    for (MemoryLine line : lines) {
      array
          .addObject()
          .put("what", line.what())
          .put("bytes", Math.round(line.bytes()))
          .put("how", line.how());
    }
  }
}
