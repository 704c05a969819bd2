package sh.kaito.testkit.internal.apiserver.transcripts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import sh.kaito.testkit.internal.json.Json;

/** Makes the output of kubectl comparable, by rule 10 of the transcripts' README. */
final class CliText {
  private record Rule(Pattern pattern, String replacement) {}

  private static Rule rule(String pattern, String replacement) {
    return new Rule(Pattern.compile(pattern, Pattern.MULTILINE), replacement);
  }

  private static final List<Rule> RULES =
      List.of(
          rule("\\b\\d+(?:\\.\\d+)?(?:ms|µs|s)(?= *$|\\s)", "<age>"),
          rule("^(Age:\\s+).*$", "$1<age>"),
          rule("^([+ -]*\\s*resourceVersion: )\"\\d+\"", "$1\"<rv>\""),
          rule("(Resource Version:\\s+)\\d+", "$1<rv>"),
          rule("/tmp/(LIVE|MERGED)-\\d+", "/tmp/$1-<rand>"),
          rule("^(---|\\+\\+\\+) (\\S+)\\t.*$", "$1 $2"),
          rule(
              "\\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d \\w{3} 20\\d\\d [\\d:]{8} \\+0000",
              "<date>"),
          rule("^([IWE])\\d{4} [\\d:.]+\\s+\\d+ ", "$1<klog> "),
          rule("[ \\t]+$", ""));

  private CliText() {}

  private static String normalised(String text) {
    String result = text;
    for (Rule rule : RULES) {
      result = rule.pattern().matcher(result).replaceAll(rule.replacement());
    }
    return result;
  }

  /** A result of {@link Kubectl} as it is compared. */
  static Map<String, Object> of(Object step, Map<String, Object> result, Normaliser normaliser) {
    String stdout = normalised(normaliser.text(Json.text(result, "stdout")));
    if (Json.isTrue(step, "collapse")) {
      stdout =
          stdout
              .replaceAll("\\b10\\.(?!1\\.2\\.3\\b)\\d+\\.\\d+\\.\\d+\\b", "<ip>")
              .replaceAll(" {2,}", "  ");
    }
    if (Json.isTrue(step, "sortStdout")) {
      List<String> lines = new ArrayList<>(List.of(stdout.split("\n", -1)));
      lines.sort(null);
      stdout = String.join("\n", lines);
    }
    Map<String, Object> actual =
        Json.objectOf(
            "exit",
            result.get("exit"),
            "stdout",
            stdout,
            "stderr",
            normalised(normaliser.text(Json.text(result, "stderr"))));
    if (!Json.isTrue(step, "noRequests")) {
      actual.put("requests", normaliser.apply(result.get("requests")));
    }
    return actual;
  }
}
