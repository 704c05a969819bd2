package sh.kaito.core.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceReadException;
import sh.kaito.api.model.Workspaces;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.TestWorkspaces;

/**
 * Input that is made to hurt, through the door that users have: it is read, validated and planned.
 * Every case ends in a clear, short error; the time is the processor's, the best of several runs,
 * so that a busy machine does not count.
 */
class HostileInputTest {
  /** A hundred milliseconds are the aim, as the benchmarks measure it; slow machines count too. */
  private static final long MOST_NANOS = 1_000_000_000;

  private static final long MOST_BYTES = 128L << 20;
  private static final int RUNS = 8;
  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final String HEAD =
      "apiVersion: kaito.sh/v1beta1\nkind: Workspace\nmetadata: {name: w}\n";
  private static final String REST =
      """
      resource:
        instanceType: Standard_NC24ads_A100_v4
        labelSelector: {matchLabels: {apps: x}}
      inference:
        preset: {name: phi-4}
      """;

  private final WorkspaceValidator validator = WorkspaceValidator.standard();

  private static Map<String, String> texts() {
    String name = "n".repeat(10_240);
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("ten megabytes", HEAD + "a: " + "x".repeat(10_000_000));
    texts.put("one long value", HEAD + "a: " + "x".repeat(1_500_000));
    texts.put("one long quoted value", HEAD + "a: \"" + "\\u0041".repeat(250_000) + "\"");
    texts.put("deep lists", HEAD + "a: " + "[".repeat(700_000));
    texts.put("deep mappings", HEAD + "a: " + "{a: ".repeat(300_000));
    texts.put("many entries", HEAD + "k: v\n".repeat(250_000));
    texts.put("many documents", "---\n".repeat(300_000));
    texts.put("comments alone", "# nothing\n".repeat(140_000));
    texts.put("aliases", bomb());
    texts.put("an alias of itself", HEAD + "a: &a [*a]\n" + REST);
    texts.put("an unknown alias", HEAD + "a: *nobody\n" + REST);
    texts.put("merge keys", HEAD + "a: &a {x: 1}\nb: {<<: [*a, *a], <<: 7}\n" + REST);
    texts.put("a tag", HEAD + "a: !!java.net.URL [\"http://127.0.0.1\"]\n" + REST);
    texts.put("a NUL", HEAD + "a: \"\u0000\"\n" + REST);
    texts.put("half a surrogate", HEAD + "a: \"\ud800\"\n" + REST);
    texts.put("duplicate keys", HEAD + REST + "inference: {}\n");
    texts.put("a long key", HEAD + "? " + name + "\n: x\n" + REST);
    texts.put("a long name", HEAD.replace("name: w", "name: " + name) + REST);
    texts.put("a long preset", HEAD + REST.replace("phi-4", name));
    texts.put("a long org/model", HEAD + REST.replace("phi-4", name + "/" + name));
    texts.put("a long instance type", HEAD + REST.replace("Standard_NC24ads_A100_v4", name));
    texts.put("a long label", HEAD + REST.replace("apps: x", name.substring(0, 900) + ": " + name));
    texts.put(
        "a long annotation",
        HEAD.replace("{name: w", "{annotations: {kaito.sh/runtime: " + name + "}, name: w") + REST);
    texts.put(
        "a count out of range",
        HEAD + REST.replace("resource:", "resource:\n  count: 99999999999999999999"));
    texts.put(
        "a count below range", HEAD + REST.replace("resource:", "resource:\n  count: -2147483649"));
    texts.put(
        "a count that is no number", HEAD + REST.replace("resource:", "resource:\n  count: .nan"));
    texts.put(
        "a count with exponent",
        HEAD + REST.replace("resource:", "resource:\n  count: 1e999999999"));
    texts.put("line separators", HEAD.replace("name: w", "name: \"a\u2028b\"") + REST);
    texts.put("escape sequences", HEAD.replace("name: w", "name: \"a\\e[31mb\"") + REST);
    return texts;
  }

  private static String bomb() {
    StringBuilder bomb = new StringBuilder(HEAD).append("a0: &a0 [x, x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    return bomb.toString();
  }

  @TestFactory
  Stream<DynamicTest> manifests() {
    return texts().entrySet().stream()
        .map(
            text ->
                DynamicTest.dynamicTest(
                    text.getKey(), () -> refused(() -> verdict(text.getValue()))));
  }

  @TestFactory
  Stream<DynamicTest> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("deep lists", "vllm: " + "[".repeat(700_000));
    settings.put("one megabyte of keys", "vllm: {" + "a: b, ".repeat(200_000) + "}");
    settings.put("aliases", bomb());
    settings.put("a tag", "vllm: !!java.io.File [x]");
    settings.put("two documents", "a: b\n---\nc: d\n");
    settings.put("duplicate keys", "vllm: {a: b, a: c}");
    settings.put("a NUL", "vllm: \"\u0000\"");
    settings.put("no end", "vllm: {max-model-len: ");
    settings.put("a context out of range", "vllm: {max-model-len: 99999999999999999999}");
    settings.put("a context with exponent", "vllm: {max-model-len: 1e999999999}");
    settings.put("no share", "vllm: {gpu-memory-utilization: .nan}");
    settings.put("a long key", "vllm: {\"" + "k".repeat(1_000) + "\": {a: b}}");
    settings.put("a long value", "vllm: {max-model-len: " + "9".repeat(10_240) + "}");
    Workspace serve = TestWorkspaces.read(HEAD + REST + "  config: c\n");
    Workspace tune =
        TestWorkspaces.read(
            HEAD
                + REST.replace(
                    "inference:\n  preset: {name: phi-4}",
                    "tuning:\n  preset: {name: phi-4}\n  method: qlora\n  config: c\n"
                        + "  input: {image: \"r.io/d:1\"}\n"
                        + "  output: {image: \"r.io/o:1\", imagePushSecret: s}"));
    return settings.entrySet().stream()
        .flatMap(
            text ->
                Stream.of(
                    DynamicTest.dynamicTest(
                        "server: " + text.getKey(),
                        () ->
                            refused(
                                () ->
                                    validator.validateCreate(
                                        serve,
                                        PlanInputs.builder()
                                            .inferenceConfig(text.getValue())
                                            .build()))),
                    DynamicTest.dynamicTest(
                        "trainer: " + text.getKey(),
                        () ->
                            refused(
                                () ->
                                    validator.validateCreate(
                                        tune,
                                        PlanInputs.builder()
                                            .trainingConfig(text.getValue())
                                            .build())))));
  }

  private List<Violation> verdict(String text) {
    try {
      return Workspaces.readAll(text).workspaces().stream()
          .flatMap(workspace -> validator.validateCreate(workspace).stream())
          .toList();
    } catch (WorkspaceReadException e) {
      return e.violations();
    }
  }

  private static void refused(Supplier<List<Violation>> verdict) {
    long fastest = Long.MAX_VALUE;
    long smallest = Long.MAX_VALUE;
    List<Violation> violations = List.of();
    for (int run = 0; run < RUNS; run++) {
      long time = THREAD.getCurrentThreadCpuTime();
      long bytes = THREAD.getCurrentThreadAllocatedBytes();
      violations = verdict.get();
      fastest = Math.min(fastest, THREAD.getCurrentThreadCpuTime() - time);
      smallest = Math.min(smallest, THREAD.getCurrentThreadAllocatedBytes() - bytes);
    }
    String report = Violations.report(violations);
    if (!report.isEmpty()) {
      assertThat(Violations.hasErrors(violations)).as(report).isTrue();
    }
    assertThat(report).as("length of the report").hasSizeLessThan(20_000);
    assertThat(report)
        .as("control characters could rewrite a terminal")
        .matches(text -> text.chars().noneMatch(c -> Character.isISOControl(c) && c != '\n'));
    assertThat(fastest).as("processor time, ns").isLessThan(MOST_NANOS);
    assertThat(smallest).as("memory, bytes").isLessThan(MOST_BYTES);
  }

  @Property(tries = 300)
  void anyPlaceMayHoldAnything(@ForAll("edits") List<String> edits) {
    String text = HEAD + REST;
    for (int i = 0; i + 1 < edits.size(); i += 2) {
      text =
          text.replaceFirst(
              Pattern.quote(edits.get(i)), Matcher.quoteReplacement(edits.get(i + 1)));
    }
    List<Violation> violations = verdict(text);
    assertThat(violations).allSatisfy(v -> assertThat(v.toString()).hasSizeLessThan(2_000));
  }

  @Property(tries = 300)
  void anySettingsMayBeAnything(@ForAll String server, @ForAll String trainer) {
    Workspace serve = TestWorkspaces.read(HEAD + REST + "  config: c\n");
    assertThat(
            validator.validateCreate(
                serve,
                PlanInputs.builder().inferenceConfig(server).trainingConfig(trainer).build()))
        .allSatisfy(v -> assertThat(v.toString()).hasSizeLessThan(2_000));
  }

  @Provide
  Arbitrary<List<String>> edits() {
    return Arbitraries.of(
            "phi-4",
            "name",
            "Standard_NC24ads_A100_v4",
            "instanceType",
            "apps",
            "x",
            "matchLabels",
            "inference",
            "preset",
            "kaito.sh/v1beta1",
            "kaito.sh/v1alpha1",
            "Workspace",
            "\n",
            "  ",
            ": ",
            "{",
            "}",
            "tuning",
            "template",
            "[]",
            "null",
            "-1",
            "1e9",
            "a/b",
            "a/../b",
            "\"",
            "''",
            "&a ",
            "*a",
            "!!binary ",
            "\u0000",
            "\u202e",
            "%s",
            "${jndi:x}",
            "$(id)",
            "../..",
            "phi-3-mini-4k-instruct",
            "falcon-7b",
            "Standard_NC6s_v3",
            "partition",
            "adapters")
        .list()
        .ofMinSize(2)
        .ofMaxSize(8);
  }
}
