package sh.kaito.testkit.internal.apiserver.transcripts;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/**
 * Replaces what differs from run to run, by the rules of the transcripts' README, in their order:
 * {@link #scan} all answers of a scenario first, then {@link #apply} to each.
 */
final class Normaliser {
  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern TIME =
      Pattern.compile(
          "(?:202[4-9]|20[3-9]\\d)-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)");
  private static final Pattern JWT =
      Pattern.compile("eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");
  private static final Pattern IP =
      Pattern.compile("^(\\d+\\.\\d+\\.\\d+\\.\\d+|[0-9a-f:]+:[0-9a-f:]*)$");
  private static final Pattern GENERATED = Pattern.compile("^[bcdfghjklmnpqrstvwxz2456789]{5}$");
  private static final Pattern VERSION_TEXT =
      Pattern.compile("(resourceVersion\\\\*\"?:\\s?\\\\*\"?)([1-9]\\d*)(?=(\\\\*\"))");
  private static final Pattern PRECONDITION =
      Pattern.compile(
          "(ResourceVersion in the precondition \\()(\\d+)(\\) does not match the ResourceVersion in"
              + " record \\()(\\d+)(\\))");
  private static final Pattern AGE = Pattern.compile("^(\\d+[smhdy])+");

  private final String id;
  private final Map<String, String> uids = new HashMap<>();
  private final Map<String, String> ips = new LinkedHashMap<>();
  private final Map<String, String> generated = new LinkedHashMap<>();
  private final TreeSet<Long> versions = new TreeSet<>();
  private final Map<Long, Integer> ranks = new HashMap<>();

  Normaliser(String id) {
    this.id = id;
  }

  /** Takes note of the identities in an answer. */
  void scan(@Nullable Object node) {
    Map<String, Object> map = Json.asObject(node);
    if (map != null) {
      scanObject(map);
      for (Map.Entry<String, Object> entry : new TreeMap<>(map).entrySet()) {
        List<Object> list = Json.asList(entry.getValue());
        if (entry.getKey().equals("clusterIPs") && list != null) {
          list.forEach(value -> address(String.valueOf(value)));
        }
        scan(entry.getValue());
      }
    } else if (node instanceof List<?> list) {
      list.forEach(this::scan);
    } else if (node instanceof String text) {
      UUID.matcher(text)
          .results()
          .map(MatchResult::group)
          .filter(uid -> !uid.startsWith("00000000-"))
          .forEach(uid -> uids.putIfAbsent(uid, "<uid:" + (uids.size() + 1) + ">"));
    }
  }

  private void scanObject(Map<String, Object> map) {
    Map<String, Object> metadata = Json.object(map, "metadata");
    if (metadata != null) {
      String version = Json.text(metadata, "resourceVersion");
      String name = Json.text(metadata, "name");
      if (version.matches("[0-9]+") && !version.equals("0") && !name.isEmpty()) {
        versions.add(Long.parseLong(version));
      }
      String prefix = Json.text(metadata, "generateName");
      if (!prefix.isEmpty()
          && name.startsWith(prefix)
          && GENERATED.matcher(name.substring(prefix.length())).matches()) {
        generated.putIfAbsent(name, prefix + "<gen:" + (generated.size() + 1) + ">");
      }
    }
    if (map.get("clusterIP") instanceof String ip) {
      address(ip);
    }
  }

  private void address(String text) {
    if (IP.matcher(text).matches()) {
      ips.putIfAbsent(text, "<ip:" + (ips.size() + 1) + ">");
    }
  }

  /** All answers have been scanned. */
  void finish() {
    int rank = 0;
    for (Long version : versions) {
      ranks.put(version, ++rank);
    }
  }

  private String version(String text) {
    Integer rank = text.matches("\\d{1,18}") ? ranks.get(Long.parseLong(text)) : null;
    return rank == null ? text : "<rv:" + rank + ">";
  }

  private static String replace(Pattern pattern, String text, Function<MatchResult, String> with) {
    return pattern
        .matcher(text)
        .replaceAll(match -> java.util.regex.Matcher.quoteReplacement(with.apply(match)));
  }

  String text(String text) {
    String t = replace(UUID, text, m -> uids.getOrDefault(m.group(), m.group()));
    t =
        replace(
            TIME,
            t,
            m -> {
              String fraction = m.group(1);
              return fraction == null
                  ? "<time>"
                  : fraction.length() == 7
                      ? "<microtime>"
                      : "<time" + (fraction.length() - 1) + ">";
            });
    t = JWT.matcher(t).replaceAll("<jwt>");
    t = t.replace(id, "${id}");
    t = t.replaceAll("kube-api-access-[a-z0-9]{5}", "kube-api-access-<rand>");
    for (Map.Entry<String, String> entry : generated.entrySet()) {
      t = t.replace(entry.getKey().replace(id, "${id}"), entry.getValue().replace(id, "${id}"));
    }
    for (Map.Entry<String, String> entry : ips.entrySet()) {
      if (t.contains(entry.getKey())) {
        t =
            t.replaceAll(
                "(?<![\\d.])" + Pattern.quote(entry.getKey()) + "(?![\\d.])", entry.getValue());
      }
    }
    t =
        replace(
            VERSION_TEXT,
            t,
            m -> {
              String ranked = version(m.group(2));
              return m.group(1) + (ranked.equals(m.group(2)) ? "<num>" : ranked);
            });
    t = t.replaceAll("(too old resource version: )\\d+ \\(\\d+\\)", "$1<num> (<num>)");
    t =
        t.replaceAll(
            "(Too large resource version: )\\d+, current: \\d+", "$1<num>, current: <num>");
    return replace(
        PRECONDITION,
        t,
        m -> m.group(1) + version(m.group(2)) + m.group(3) + version(m.group(4)) + m.group(5));
  }

  @Nullable Object apply(@Nullable Object node) {
    Map<String, Object> map = Json.asObject(node);
    if (map != null) {
      return object(map);
    }
    List<Object> list = Json.asList(node);
    if (list != null) {
      List<Object> result = new ArrayList<>();
      list.forEach(item -> result.add(apply(item)));
      return result;
    }
    return node instanceof String text ? text(text) : node;
  }

  private Map<String, Object> object(Map<String, Object> map) {
    Map<String, Object> source = map;
    String reason = Json.text(map, "reason");
    if ("Status".equals(map.get("kind"))
        && (reason.equals("Invalid") || reason.equals("Conflict"))) {
      source = sortCauses(map, reason);
    }
    if ("Table".equals(map.get("kind")) && map.get("columnDefinitions") instanceof List<?>) {
      source = withoutAges(map);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    source.forEach((key, value) -> result.put(text(key), member(key, value)));
    return result;
  }

  private @Nullable Object member(String key, @Nullable Object value) {
    Map<String, Object> metadata = Json.asObject(value);
    if (key.equals("metadata") && metadata != null) {
      return metadata(metadata);
    }
    List<Object> list = Json.asList(value);
    if (key.equals("managedFields") && list != null) {
      List<Object> entries = new ArrayList<>();
      list.forEach(entry -> entries.add(apply(entry)));
      entries.sort(
          Comparator.comparing((Object e) -> String.valueOf(Json.get(e, "operation")))
              .thenComparing(e -> String.valueOf(Json.get(e, "manager")))
              .thenComparing(e -> String.valueOf(Json.get(e, "apiVersion")))
              .thenComparing(e -> Json.text(e, "subresource"))
              .thenComparing(e -> Json.writeSorted(Json.get(e, "fieldsV1"))));
      return entries;
    }
    if ((key.equals("nodePort") || key.equals("healthCheckNodePort"))
        && value instanceof Long port
        && port != 0) {
      return "<nodePort>";
    }
    return apply(value);
  }

  private Map<String, Object> metadata(Map<String, Object> metadata) {
    Map<String, Object> rest = new LinkedHashMap<>(metadata);
    Object version = rest.remove("resourceVersion");
    Object continued = rest.remove("continue");
    Map<String, Object> result = object(rest);
    if (version instanceof String text) {
      boolean named = metadata.get("name") instanceof String name && !name.isEmpty();
      result.put(
          "resourceVersion",
          named ? version(text) : text.matches("\\d+") && !text.equals("0") ? "<lrv>" : text);
    }
    if (continued instanceof String text) {
      result.put("continue", text.isEmpty() ? text : "<continue>");
    }
    return result;
  }

  private static Map<String, Object> sortCauses(Map<String, Object> status, String reason) {
    List<Object> causes = Json.list(status, "details", "causes");
    if (causes == null || causes.size() < 2) {
      return status;
    }
    List<Object> sorted = new ArrayList<>(causes);
    sorted.sort(
        Comparator.comparing((Object c) -> String.valueOf(Json.get(c, "field")))
            .thenComparing(c -> String.valueOf(Json.get(c, "reason")))
            .thenComparing(c -> String.valueOf(Json.get(c, "message"))));
    Map<String, Object> details =
        new LinkedHashMap<>(Objects.requireNonNull(Json.object(status, "details")));
    details.put("causes", sorted);
    Map<String, Object> copy = new LinkedHashMap<>(status);
    copy.put("details", details);
    if (reason.equals("Invalid")) {
      copy.put(
          "message",
          Pattern.compile("^(.*? is invalid: )\\[.*\\]$", Pattern.DOTALL)
              .matcher(Json.text(status, "message"))
              .replaceAll("$1[<causes>]"));
    }
    return copy;
  }

  private static Map<String, Object> withoutAges(Map<String, Object> table) {
    List<Object> rows = Json.list(table, "rows");
    if (rows == null) {
      return table;
    }
    List<Object> columns = Objects.requireNonNull(Json.list(table, "columnDefinitions"));
    List<Object> changed = new ArrayList<>();
    for (Object row : rows) {
      Map<String, Object> copy = new LinkedHashMap<>(Objects.requireNonNull(Json.asObject(row)));
      List<Object> cells = new ArrayList<>(Objects.requireNonNull(Json.list(row, "cells")));
      for (int i = 0; i < cells.size(); i++) {
        String name = Json.text(columns.get(i), "name");
        boolean age =
            List.of("Age", "Created At", "Last Seen", "First Seen").contains(name)
                || Json.text(columns.get(i), "type").equals("date");
        if (age && cells.get(i) instanceof String text && AGE.matcher(text).matches()) {
          cells.set(i, "<age>");
        }
      }
      copy.put("cells", cells);
      changed.add(copy);
    }
    Map<String, Object> copy = new LinkedHashMap<>(table);
    copy.put("rows", changed);
    return copy;
  }
}
