package sh.kaito.core.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The meaning of a Kubernetes object as path -> value: lists by the keys of their elements,
 * commands as programs and flags, values that the server fills in left out, the names of workspace
 * and adapters neutral. Two objects mean the same when their facts are equal.
 */
final class ObjectFacts {
  /** Written by the server or by other controllers. */
  private static final Set<String> NOT_OURS =
      Set.of(
          "status",
          "metadata.uid",
          "metadata.resourceVersion",
          "metadata.creationTimestamp",
          "metadata.generation",
          "metadata.managedFields",
          "metadata.namespace",
          "metadata.annotations.deployment.kubernetes.io/revision",
          "spec.clusterIPs",
          "spec.ipFamilies",
          "spec.ipFamilyPolicy",
          "spec.internalTrafficPolicy",
          "spec.selector.matchLabels.batch.kubernetes.io/controller-uid",
          "spec.template.metadata.creationTimestamp",
          "spec.template.metadata.labels.batch.kubernetes.io/controller-uid",
          "spec.template.metadata.labels.batch.kubernetes.io/job-name",
          "spec.template.metadata.labels.controller-uid",
          "spec.template.metadata.labels.job-name");

  /** What the server writes where nobody says anything: last part of the path, value. */
  private static final Map<String, Set<String>> DEFAULTS =
      Map.ofEntries(
          Map.entry("imagePullPolicy", Set.of("IfNotPresent")),
          Map.entry("terminationMessagePath", Set.of("/dev/termination-log")),
          Map.entry("terminationMessagePolicy", Set.of("File")),
          Map.entry("dnsPolicy", Set.of("ClusterFirst")),
          Map.entry("schedulerName", Set.of("default-scheduler")),
          Map.entry("terminationGracePeriodSeconds", Set.of("30")),
          Map.entry("restartPolicy", Set.of("Always")),
          Map.entry("successThreshold", Set.of("1")),
          Map.entry("timeoutSeconds", Set.of("1")),
          Map.entry("scheme", Set.of("HTTP")),
          Map.entry("protocol", Set.of("TCP")),
          Map.entry("defaultMode", Set.of("420")),
          Map.entry("revisionHistoryLimit", Set.of("10")),
          Map.entry("progressDeadlineSeconds", Set.of("600")),
          Map.entry("sessionAffinity", Set.of("None")),
          Map.entry("serviceName", Set.of("")),
          Map.entry("completionMode", Set.of("NonIndexed")),
          Map.entry("completions", Set.of("1")),
          Map.entry("parallelism", Set.of("1")),
          Map.entry("manualSelector", Set.of("false")),
          Map.entry("suspend", Set.of("false")),
          Map.entry("podReplacementPolicy", Set.of("TerminatingOrFailed")),
          Map.entry("fieldRef.apiVersion", Set.of("v1")),
          Map.entry("updateStrategy.type", Set.of("RollingUpdate")),
          Map.entry("updateStrategy.rollingUpdate.partition", Set.of("0")),
          Map.entry("spec.type", Set.of("ClusterIP")),
          Map.entry("operator", Set.of("Equal")),
          Map.entry("failureThreshold", Set.of("3")),
          Map.entry("podManagementPolicy", Set.of("OrderedReady")),
          Map.entry("persistentVolumeClaimRetentionPolicy.whenDeleted", Set.of("Retain")),
          Map.entry("persistentVolumeClaimRetentionPolicy.whenScaled", Set.of("Retain")));

  /** What identifies an element of a list; the first one that it has. */
  private static final List<String> KEYS =
      List.of("mountPath", "key", "name", "containerPort", "kind");

  private static final Pattern POSITIONAL = Pattern.compile("\"?\\$\\{?([1-9])}?\"?");
  private static final Pattern SCRIPT_LEFT_OUT = Pattern.compile("<script of \\d+ lines.*");

  private final Map<String, String> names;
  private final SortedMap<String, String> facts = new TreeMap<>();

  private ObjectFacts(Map<String, String> names) {
    this.names = names;
  }

  /**
   * The facts of an object.
   *
   * @param names names that only this case has, and what to call them instead
   */
  static SortedMap<String, String> of(JsonNode object, Map<String, String> names) {
    ObjectFacts facts = new ObjectFacts(names);
    object
        .properties()
        .forEach(
            field -> {
              if (!Set.of("apiVersion", "kind").contains(field.getKey())) {
                facts.add(field.getKey(), field.getValue());
              }
            });
    return facts.facts;
  }

  private void add(String path, JsonNode node) {
    if (NOT_OURS.contains(path) || path.endsWith(".uid")) {
      return;
    }
    if (path.endsWith("metadata.name")) {
      // The name leads from one object to the other, and is compared there.
      return;
    }
    if (path.endsWith("spec.clusterIP") && !node.asText().equals("None")) {
      return;
    }
    if (node.isObject()) {
      if (node.has("command") || node.has("args")) {
        command(path + ".command", node);
      }
      node.properties()
          .forEach(
              field -> {
                if (!Set.of("command", "args").contains(field.getKey())
                    || !field.getValue().isArray()) {
                  add(path + "." + field.getKey(), field.getValue());
                }
              });
      if (node.isEmpty() && path.matches(".*(emptyDir)")) {
        facts.put(path, "{}");
      }
    } else if (node.isArray()) {
      for (JsonNode element : node) {
        element(path, element);
      }
    } else if (!isDefault(path, node.asText())) {
      facts.put(neutral(path), neutral(node.asText()));
    }
  }

  private void element(String path, JsonNode element) {
    String key = key(path, element);
    String place = path + "[" + key + "]";
    if (key.equals("W") && path.matches(".*\\.(initC|c)ontainers")) {
      // The trainer stands among the init containers here; what it does must still be compared.
      place = path.replaceFirst("\\.(initC|c)ontainers$", ".main[W]");
      facts.put(place + ".position", path.endsWith(".containers") ? "main" : "init");
    } else if (!key.equals("*")) {
      facts.put(place, "there");
    }
    if (element.isObject()) {
      ObjectNode rest = element.deepCopy();
      KEYS.stream().filter(rest::hasNonNull).findFirst().ifPresent(rest::remove);
      add(place, rest);
    }
  }

  private static boolean isDefault(String path, String value) {
    return DEFAULTS.entrySet().stream()
        .anyMatch(
            entry ->
                ("." + path).endsWith("." + entry.getKey()) && entry.getValue().contains(value));
  }

  /** What identifies an element of a list. */
  private String key(String path, JsonNode element) {
    if (!element.isObject()) {
      return neutral(element.asText());
    }
    if (path.endsWith(".nodeSelectorTerms")) {
      return "*";
    }
    for (String name : KEYS) {
      if (element.hasNonNull(name)) {
        return neutral(element.get(name).asText());
      }
    }
    return element.has("secret") ? "secret" : neutral(element.toString());
  }

  private String neutral(String text) {
    String neutral = text;
    for (Map.Entry<String, String> name : names.entrySet()) {
      neutral =
          neutral.replaceAll(
              "(?<![A-Za-z0-9])" + Pattern.quote(name.getKey()) + "(?![A-Za-z0-9])",
              name.getValue());
    }
    return neutral;
  }

  /** Programs and flags of command and arguments, whether or not a shell stands between. */
  private void command(String path, JsonNode container) {
    List<String> vector = new ArrayList<>();
    container.path("command").forEach(word -> vector.add(word.asText().replace("$$", "$")));
    container.path("args").forEach(word -> vector.add(word.asText().replace("$$", "$")));
    boolean shell = vector.size() > 2 && vector.get(1).equals("-c");
    if (shell) {
      facts.put(neutral(path) + ".shell", "sh -c");
      if (SCRIPT_LEFT_OUT.matcher(vector.get(2)).matches()) {
        facts.put(neutral(path) + ".script", "a script");
        return;
      }
      if (isScriptNotRecorded(vector.get(2))) {
        facts.put(neutral(path) + ".script", "a script");
        return;
      }
    }
    List<String> words = shell ? shellWords(vector) : vector;
    Set<String> programs = new TreeSet<>();
    for (String word : words) {
      if (word.startsWith("--")) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        facts.put(
            neutral(path) + "." + name, equals < 0 ? "" : neutral(word.substring(equals + 1)));
      } else if (word.endsWith(".py")
          || word.endsWith(".sh")
          || Set.of("accelerate", "launch", "torchrun", "python3", "oras").contains(word)) {
        programs.add(word.replaceFirst(".*/", ""));
      }
    }
    facts.put(neutral(path) + ".programs", String.join(" ", programs));
  }

  /** The recordings leave scripts of more than one line out, so ours are not compared either. */
  private static boolean isScriptNotRecorded(String script) {
    return script.equals(Scripts.DOWNLOAD.text())
        || script.equals(Scripts.COPY.text())
        || script.equals(Scripts.PULL.text())
        || script.equals(Scripts.PUSH.text());
  }

  /** The words of a shell program with its positional parameters, quotes taken off. */
  private static List<String> shellWords(List<String> vector) {
    List<String> positional = vector.subList(Math.min(3, vector.size()), vector.size());
    StringBuilder program = new StringBuilder();
    for (String line : vector.get(2).split("\n", -1)) {
      if (!line.startsWith("#")) {
        program.append(line).append('\n');
      }
    }
    String text =
        POSITIONAL
            .matcher(program)
            .replaceAll(
                match -> {
                  int index = Integer.parseInt(match.group(1));
                  return Matcher.quoteReplacement(
                      index < positional.size() ? positional.get(index) : match.group());
                });
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    int depth = 0;
    for (char c : text.toCharArray()) {
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if ((c == '\'' || c == '"') && depth == 0) {
        quote = c;
      } else if (depth == 0 && (Character.isWhitespace(c) || c == ';')) {
        if (word.length() > 0) {
          words.add(word.toString());
          word.setLength(0);
        }
      } else {
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        word.append(c);
      }
    }
    if (word.length() > 0) {
      words.add(word.toString());
    }
    words.addAll(positional);
    return words;
  }
}
