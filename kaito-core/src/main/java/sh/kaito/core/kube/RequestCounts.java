package sh.kaito.core.kube;

import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import sh.kaito.api.kube.RequestInfo;

/**
 * How many requests went to an API server, by verb, resource and answer. Immutable.
 *
 * <pre>{@code
 * RequestCounts before = counting.counts();
 * // ... something happens
 * RequestCounts spent = counting.counts().since(before);
 * assertThat(spent.writes()).as(spent.toString()).isLessThanOrEqualTo(8);
 * }</pre>
 *
 * <p>{@link #toString()} is a table.
 */
public final class RequestCounts {
  private static final Set<String> WRITES =
      Set.of("create", "update", "patch", "delete", "deletecollection");

  /** In place of a status: no answer came, or none has come yet. */
  private static final int NO_ANSWER = 0;

  private final NavigableMap<Row, NavigableMap<Integer, Integer>> rows;

  private RequestCounts(NavigableMap<Row, NavigableMap<Integer, Integer>> rows) {
    this.rows = rows;
  }

  static RequestCounts none() {
    return new RequestCounts(new TreeMap<>());
  }

  /** With one more request, not answered so far. */
  RequestCounts plus(RequestInfo request, String path) {
    return with(Row.of(request, path), NO_ANSWER, 1);
  }

  /** With one of the requests that were not answered so far answered. */
  RequestCounts answered(RequestInfo request, String path, int status) {
    Row row = Row.of(request, path);
    return with(row, NO_ANSWER, -1).with(row, status, 1);
  }

  private RequestCounts with(Row row, int status, int difference) {
    NavigableMap<Row, NavigableMap<Integer, Integer>> copy = new TreeMap<>(rows);
    NavigableMap<Integer, Integer> statuses =
        new TreeMap<>(copy.getOrDefault(row, new TreeMap<>()));
    statuses.merge(status, difference, Integer::sum);
    statuses.values().removeIf(count -> count == 0);
    if (statuses.isEmpty()) {
      copy.remove(row);
    } else {
      copy.put(row, statuses);
    }
    return new RequestCounts(copy);
  }

  /** What came on top of an earlier count of the same transport. */
  public RequestCounts since(RequestCounts earlier) {
    RequestCounts difference = this;
    for (Map.Entry<Row, NavigableMap<Integer, Integer>> row : earlier.rows.entrySet()) {
      for (Map.Entry<Integer, Integer> status : row.getValue().entrySet()) {
        difference = difference.with(row.getKey(), status.getKey(), -status.getValue());
      }
    }
    return difference;
  }

  /** All requests, watches included. */
  public int total() {
    return sum(row -> true);
  }

  /** Requests that change something: create, update, patch, delete, deletecollection. */
  public int writes() {
    return sum(row -> WRITES.contains(row.verb));
  }

  /** Gets and lists, without watches. */
  public int reads() {
    return sum(row -> row.verb.equals("get") || row.verb.equals("list"));
  }

  /**
   * Requests of one verb.
   *
   * @param verb {@code get}, {@code list}, {@code watch}, {@code create}, {@code update}, {@code
   *     patch}, {@code delete} or {@code deletecollection}
   */
  public int count(String verb) {
    return sum(row -> row.verb.equals(verb));
  }

  /**
   * Requests of one verb on one resource.
   *
   * @param resource plural, with the subresource as RBAC writes it: {@code workspaces/status}
   */
  public int count(String verb, String resource) {
    return sum(row -> row.verb.equals(verb) && row.resource.equals(resource));
  }

  /** Requests that were answered with that HTTP status; of watches only refusals are counted. */
  public int answered(int status) {
    return rows.values().stream().mapToInt(row -> row.getOrDefault(status, 0)).sum();
  }

  private int sum(Predicate<Row> which) {
    return rows.entrySet().stream()
        .filter(entry -> which.test(entry.getKey()))
        .mapToInt(entry -> total(entry.getValue()))
        .sum();
  }

  private static int total(Map<Integer, Integer> statuses) {
    return statuses.values().stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * A table by resource and verb: how many requests, and with which answers. A dash stands for
   * requests without answer, and for watches that were not refused.
   */
  @Override
  public String toString() {
    if (rows.isEmpty()) {
      return "no requests";
    }
    int width = rows.keySet().stream().mapToInt(row -> row.label().length()).max().orElse(0);
    String format = "%-16s  %-" + Math.max(8, width) + "s  %5s  %s%n";
    StringBuilder table = new StringBuilder();
    table.append(String.format(format, "VERB", "RESOURCE", "COUNT", "ANSWERS"));
    rows.forEach(
        (row, statuses) ->
            table.append(
                String.format(format, row.verb, row.label(), total(statuses), answers(statuses))));
    table.append(String.format(format, "all", "", total(), writes() + " writes"));
    return table.toString().stripTrailing();
  }

  private static String answers(Map<Integer, Integer> statuses) {
    // Below zero: answers since the earlier count to requests that were sent before it.
    return statuses.entrySet().stream()
        .filter(entry -> entry.getValue() > 0)
        .map(
            entry ->
                (entry.getKey() == NO_ANSWER ? "-" : entry.getKey().toString())
                    + (entry.getValue() == 1 ? "" : " x " + entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private record Row(String resource, String group, String verb) implements Comparable<Row> {
    private static final Comparator<Row> ORDER =
        Comparator.comparing(Row::resource).thenComparing(Row::group).thenComparing(Row::verb);

    static Row of(RequestInfo request, String path) {
      return new Row(
          request.isResourceRequest() ? request.resourceAndSubresource() : path,
          request.group(),
          request.verb());
    }

    /** As kubectl names it: {@code workspaces.kaito.sh/status}. */
    String label() {
      if (group.isEmpty()) {
        return resource;
      }
      int slash = resource.indexOf('/');
      return slash < 0
          ? resource + "." + group
          : resource.substring(0, slash) + "." + group + resource.substring(slash);
    }

    @Override
    public int compareTo(Row other) {
      return ORDER.compare(this, other);
    }
  }
}
