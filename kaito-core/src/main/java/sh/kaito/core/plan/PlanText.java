package sh.kaito.core.plan;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.catalog.HttpDialect;

/** A plan as text. One block per question that a person asks before spending money. */
final class PlanText {
  private static final int LABEL = 11;
  private static final int WIDTH = 100;

  private final Plan plan;
  private final StringBuilder out = new StringBuilder(2048);

  private PlanText(Plan plan) {
    this.plan = plan;
  }

  static String of(Plan plan) {
    return new PlanText(plan).text();
  }

  private String text() {
    out.append("Workspace ").append(plan.workspace()).append(": ").append(purpose()).append("\n\n");
    nodes();
    plan.runtime()
        .ifPresent(
            choice -> {
              entry("Runtime", choice.runtime().wireName());
              entry("", "because " + choice.reason());
            });
    plan.image().ifPresent(image -> entry("Image", image));
    endpoint();
    plan.sizing().ifPresent(this::sizing);
    plan.memoryCheck().ifPresent(this::memoryCheck);
    out.append('\n');
    objects();
    references();
    times();
    deadlines();
    price();
    advice("Warnings", plan.warnings());
    advice("Migration", plan.migration());
    return out.toString();
  }

  private String purpose() {
    String model = plan.preset().map(preset -> preset.name()).orElse("");
    return switch (plan.workload()) {
      case INFERENCE -> "serve " + model;
      case TEMPLATE -> "run your pod template";
      case TUNING -> "fine-tune " + model;
    };
  }

  private void nodes() {
    NodePlan nodes = plan.nodes();
    String gpus = nodes.gpus().map(shape -> " (" + Sizer.describe(shape) + ")").orElse("");
    entry("Nodes", nodes.summary() + gpus + ", " + nodes.diskGiB() + " GiB disk");
    entry("", "because " + nodes.reason());
  }

  private void endpoint() {
    plan.httpDialect()
        .ifPresent(
            dialect ->
                entry(
                    "Answers",
                    "POST "
                        + dialect.chatPath()
                        + " on Service "
                        + plan.workspace().name()
                        + ", port 80"
                        + (dialect == HttpDialect.OPENAI ? " (OpenAI API)" : "")));
  }

  private void sizing(Sizing sizing) {
    out.append("\nGPU memory, on the fullest GPU (").append(sizing.layout()).append(")\n");
    for (MemoryLine line : sizing.lines()) {
      memoryRow(line.what(), line.gib(), line.how());
    }
    memoryRow("needed", sizing.neededBytes() / Sizing.GIB, "");
    memoryRow(
        "available",
        sizing.budgetBytes() / Sizing.GIB,
        String.format(
            Locale.ROOT,
            "%.2f x %.1f GiB%s",
            sizing.utilization(),
            sizing.gpuMemoryGiB(),
            sizing.gpuMemoryMeasured() ? ", as measured" : ", the nominal figure"));
    out.append('\n');
    entry("Context", contextText(sizing));
    sizing
        .upstream()
        .filter(estimate -> estimate.nodes() != sizing.nodes())
        .ifPresent(
            estimate ->
                entry(
                    "Compare",
                    "the Go operator would buy " + count(estimate.nodes(), "node") + " for this"));
  }

  private static String contextText(Sizing sizing) {
    String guaranteed =
        String.format(Locale.ROOT, "%,d tokens have room for certain", sizing.contextTokens());
    if (sizing.projectedContextTokens() >= sizing.modelContextTokens()) {
      return guaranteed
          + String.format(
              Locale.ROOT, "; the model's whole %,d should fit", sizing.modelContextTokens());
    }
    return guaranteed
        + String.format(
            Locale.ROOT,
            "; the server should find room for about %,d of the model's %,d",
            sizing.projectedContextTokens(),
            sizing.modelContextTokens());
  }

  private void memoryCheck(MemoryCheck check) {
    out.append("\nGPU memory (").append(check.basis()).append(")\n");
    for (MemoryLine line : check.lines()) {
      memoryRow(line.what(), line.gib(), line.how());
    }
    if (check.gpusNeeded() > 0) {
      row("GPUs", check.gpusNeeded() + " needed, " + check.gpusAvailable() + " there");
    }
    if (check.perGpuNeededGiB() > 0) {
      row(
          "per GPU",
          gib(check.perGpuNeededGiB()) + " needed, " + gib(check.perGpuAvailableGiB()) + " there");
    }
    if (check.totalNeededGiB() > 0) {
      row(
          "in total",
          gib(check.totalNeededGiB()) + " needed, " + gib(check.totalAvailableGiB()) + " there");
    }
  }

  private void objects() {
    String label = "Creates";
    for (PlannedObject object : plan.objects()) {
      String name = object.name().isEmpty() ? "" : " " + object.name();
      String note = object.note().isEmpty() ? "" : " (" + object.note() + ")";
      entry(label, object.kind() + name + note);
      label = "";
    }
    label = "Pulls";
    for (PlannedImage image : plan.images()) {
      entry(label, image.reference() + " (" + image.role() + ")");
      label = "";
    }
  }

  private void references() {
    String label = "Needs";
    for (PlannedReference reference : plan.references()) {
      String key = reference.key().isEmpty() ? "" : " with key " + reference.key();
      entry(
          label,
          reference.kind() + " " + reference.name() + key + " (" + reference.purpose() + ")");
      label = "";
    }
  }

  private void times() {
    ExpectedTimes times = plan.expectedTimes();
    StringBuilder text = new StringBuilder();
    if (!plan.nodes().bringYourOwn()) {
      text.append("nodes ").append(minutes(times.nodes())).append(", ");
    }
    text.append("image ")
        .append(minutes(times.image()))
        .append(", ")
        .append(
            switch (plan.workload()) {
              case INFERENCE -> "model ";
              case TEMPLATE -> "pod ";
              case TUNING -> "trainer ";
            })
        .append(minutes(times.model()))
        .append("; ")
        .append(minutes(times.total()))
        .append(" in all");
    entry("Expected", text.toString());
  }

  private void price() {
    plan.price()
        .ifPresent(
            price -> {
              HourlyPrice machine = price.machine();
              String each =
                  price.machines() == 1
                      ? ""
                      : price.machines() + " x " + plain(machine.amount()) + ", ";
              entry(
                  "Price",
                  String.format(
                      Locale.ROOT,
                      "%s %s an hour (%s%s, as of %s), about %,.0f %s a month; disks and traffic are extra",
                      plain(price.perHour()),
                      machine.currency(),
                      each,
                      machine.region(),
                      machine.asOf(),
                      price.perMonth(),
                      machine.currency()));
            });
  }

  private void deadlines() {
    Deadlines deadlines = plan.deadlines();
    boolean buys = !plan.nodes().bringYourOwn();
    StringBuilder text = new StringBuilder();
    if (buys) {
      text.append("machine ")
          .append(minutes(deadlines.machineCreated()))
          .append(", node joined ")
          .append(minutes(deadlines.nodeRegistered()))
          .append(", ");
    }
    text.append("GPU ready ")
        .append(minutes(deadlines.gpuAllocatable()))
        .append(", image ")
        .append(minutes(deadlines.imagePulled()))
        .append(
            switch (plan.workload()) {
              case INFERENCE -> ", model loaded ";
              case TEMPLATE -> ", pod ready ";
              case TUNING -> ", trainer running ";
            })
        .append(minutes(deadlines.modelReady()));
    entry("Deadlines", text.toString());
  }

  private void advice(String title, List<Violation> list) {
    if (list.isEmpty()) {
      return;
    }
    out.append('\n').append(title).append('\n');
    for (Violation warning : list) {
      String action = warning.action().map(text -> "; " + text).orElse("");
      wrap("  - ", "    ", warning.path() + ": " + warning.message() + action);
    }
  }

  private void entry(String label, String text) {
    wrap(pad(label, LABEL), " ".repeat(LABEL), text);
  }

  private void row(String what, String value) {
    out.append("  ").append(pad(what, 26)).append(value).append('\n');
  }

  private void memoryRow(String what, double gib, String how) {
    String figure = String.format(Locale.ROOT, "%8.2f GiB", gib);
    out.append("  ").append(pad(what, 26)).append(figure);
    if (!how.isEmpty()) {
      out.append("   ").append(how);
    }
    out.append('\n');
  }

  private void wrap(String first, String next, String text) {
    wrap(out, first, next, text);
  }

  /** Text in lines of 100 characters; words are never broken. */
  static void wrap(StringBuilder out, String first, String next, String text) {
    StringBuilder line = new StringBuilder(first);
    int start = first.length();
    for (String word : text.split(" ", -1)) {
      if (line.length() > start && line.length() + 1 + word.length() > WIDTH) {
        out.append(line).append('\n');
        line = new StringBuilder(next);
        start = next.length();
      }
      if (line.length() > start) {
        line.append(' ');
      }
      line.append(word);
    }
    out.append(line).append('\n');
  }

  private static String pad(String text, int width) {
    return text.length() >= width ? text + " " : text + " ".repeat(width - text.length());
  }

  private static String gib(double gib) {
    return gib == Math.rint(gib)
        ? String.format(Locale.ROOT, "%.0f GiB", gib)
        : String.format(Locale.ROOT, "%.1f GiB", gib);
  }

  private static String plain(BigDecimal amount) {
    return amount
        .setScale(Math.max(2, amount.stripTrailingZeros().scale()), RoundingMode.HALF_UP)
        .toPlainString();
  }

  private static String minutes(ExpectedTimes.Range range) {
    long shortest = Math.round(range.shortest().toSeconds() / 60.0);
    long longest = Math.round(range.longest().toSeconds() / 60.0);
    return shortest == longest ? longest + " min" : shortest + " to " + longest + " min";
  }

  private static String minutes(Duration duration) {
    return (duration.toSeconds() + 59) / 60 + " min";
  }

  static String count(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }
}
