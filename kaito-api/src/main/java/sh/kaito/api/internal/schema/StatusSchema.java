package sh.kaito.api.internal.schema;

import static sh.kaito.api.internal.schema.FieldSpec.integer;
import static sh.kaito.api.internal.schema.FieldSpec.object;
import static sh.kaito.api.internal.schema.FieldSpec.string;
import static sh.kaito.api.internal.schema.FieldSpec.strings;
import static sh.kaito.api.model.ApiVersion.V1BETA1;

import java.util.List;
import sh.kaito.api.internal.schema.FieldSpec.Change;
import sh.kaito.api.internal.schema.Shape.Entries;
import sh.kaito.api.internal.schema.Shape.Fields;
import sh.kaito.api.internal.schema.Shape.Items;
import sh.kaito.api.internal.schema.Shape.Kind;
import sh.kaito.api.internal.schema.Shape.Scalar;

/** The fields of {@code status}. */
final class StatusSchema {

  private static final Fields CONDITION =
      object(
          "Condition",
          string("type", "The type, such as ResourceReady.")
              .require()
              .constrain("maxLength", 316)
              .constrain(
                  "pattern",
                  "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
                      + "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$")
              .change(Change.OBSERVED),
          FieldSpec.of(
                  "status",
                  Scalar.oneOf("True", "False", "Unknown"),
                  "Whether the condition holds.")
              .require()
              .change(Change.OBSERVED),
          string("reason", "Why, for programs.")
              .require()
              .constrain("minLength", 1)
              .constrain("maxLength", 1024)
              .constrain("pattern", "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")
              .change(Change.OBSERVED),
          string("message", "Why, for people.")
              .require()
              .constrain("maxLength", 32768)
              .change(Change.OBSERVED),
          FieldSpec.of("lastTransitionTime", Scalar.of(Kind.DATE_TIME), "When status last changed.")
              .require()
              .change(Change.OBSERVED),
          integer("observedGeneration", "The generation of the Workspace that this speaks about.")
              .constrain("format", "int64")
              .constrain("minimum", 0)
              .change(Change.OBSERVED));

  private static final Fields METRIC =
      object(
          "PerformanceMetric",
          string("description", "The load pattern, such as stress/high-concurrency.")
              .require()
              .change(Change.OBSERVED),
          string("value", "The figure, a decimal number as a string.")
              .require()
              .change(Change.OBSERVED),
          string("unit", "The unit of the figure, such as tokens/min.").change(Change.OBSERVED),
          FieldSpec.of("config", new Entries(Scalar.STRING), "Settings of the run.")
              .change(Change.OBSERVED));

  private static final Fields PERFORMANCE =
      object(
          "WorkspacePerformance",
          FieldSpec.of("metrics", new Entries(METRIC), "Results by name.").change(Change.OBSERVED));

  static final Fields STATUS =
      object(
          "WorkspaceStatus",
          strings("workerNodes", "Names of the nodes of this Workspace.").change(Change.OBSERVED),
          FieldSpec.of("conditions", new Items(CONDITION), "Conditions, one of each type.")
              .constrain("x-kubernetes-list-type", "map")
              .constrain("x-kubernetes-list-map-keys", List.of("type"))
              .change(Change.OBSERVED),
          string(
                  "state",
                  "Pending, Ready, NotReady (inference); Pending, Running, Succeeded, Failed (tuning).")
              .onlyIn(V1BETA1)
              .change(Change.OBSERVED),
          integer("targetNodeCount", "Number of GPU nodes that the Workspace needs.")
              .onlyIn(V1BETA1)
              .constrain("format", "int32")
              .change(Change.OBSERVED),
          FieldSpec.of("performance", PERFORMANCE, "Benchmark results.")
              .onlyIn(V1BETA1)
              .change(Change.OBSERVED));

  private StatusSchema() {}
}
