package sh.kaito.testkit.internal.apiserver.auth;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.json.Json;

/** One rule of a Role or ClusterRole ({@code rbac.authorization.k8s.io/v1 PolicyRule}). */
public record PolicyRule(
    List<String> verbs,
    List<String> apiGroups,
    List<String> resources,
    List<String> resourceNames,
    List<String> nonResourceUrls) {
  private static final String ALL = "*";

  /** What {@code cluster-admin} has. */
  static final List<PolicyRule> EVERYTHING =
      List.of(
          new PolicyRule(List.of(ALL), List.of(ALL), List.of(ALL), List.of(), List.of()),
          new PolicyRule(List.of(ALL), List.of(), List.of(), List.of(), List.of(ALL)));

  /** The rules of a role object. */
  static List<PolicyRule> of(@Nullable Object role) {
    List<Object> rules = Json.list(role, "rules");
    if (rules == null) {
      return List.of();
    }
    return rules.stream()
        .map(
            rule ->
                new PolicyRule(
                    strings(rule, "verbs"),
                    strings(rule, "apiGroups"),
                    strings(rule, "resources"),
                    strings(rule, "resourceNames"),
                    strings(rule, "nonResourceURLs")))
        .toList();
  }

  private static List<String> strings(@Nullable Object parent, String key) {
    List<Object> list = Json.list(parent, key);
    return list == null ? List.of() : list.stream().map(String::valueOf).toList();
  }

  /** Whether the rule allows something. */
  boolean allows(Attributes wanted) {
    if (!hasOrAll(verbs, wanted.verb())) {
      return false;
    }
    if (!wanted.isResource()) {
      return nonResourceUrls.stream().anyMatch(url -> covers(url, wanted.path()));
    }
    return hasOrAll(apiGroups, wanted.group())
        && coversResource(
            wanted.subresource().isEmpty()
                ? wanted.resource()
                : wanted.resource() + "/" + wanted.subresource())
        && (resourceNames.isEmpty() || resourceNames.contains(wanted.name()));
  }

  private static boolean hasOrAll(List<String> list, String value) {
    return list.contains(ALL) || list.contains(value);
  }

  /** {@code *}, the name itself, or {@code *}{@code /SUBRESOURCE}. */
  private boolean coversResource(String resource) {
    int slash = resource.indexOf('/');
    return hasOrAll(resources, resource)
        || (slash >= 0 && resources.contains(ALL + resource.substring(slash)));
  }

  private static boolean covers(String url, String path) {
    return url.equals(ALL)
        || url.equals(path)
        || (url.endsWith(ALL) && path.startsWith(url.replaceAll("\\*+$", "")));
  }

  /** What of some rules is in none of those that somebody has, in the smallest pieces. */
  static List<PolicyRule> missing(List<PolicyRule> held, List<PolicyRule> wanted) {
    return wanted.stream()
        .flatMap(rule -> rule.pieces().stream())
        .filter(piece -> held.stream().noneMatch(owner -> owner.coversPiece(piece)))
        .toList();
  }

  private boolean coversPiece(PolicyRule piece) {
    return piece.verbs.stream().allMatch(verb -> hasOrAll(verbs, verb))
        && piece.apiGroups.stream().allMatch(group -> hasOrAll(apiGroups, group))
        && piece.resources.stream().allMatch(this::coversResource)
        && piece.nonResourceUrls.stream()
            .allMatch(path -> nonResourceUrls.stream().anyMatch(url -> covers(url, path)))
        && (resourceNames.isEmpty()
            || (!piece.resourceNames.isEmpty() && resourceNames.containsAll(piece.resourceNames)));
  }

  private List<PolicyRule> pieces() {
    List<PolicyRule> pieces = new ArrayList<>();
    List<List<String>> names =
        resourceNames.isEmpty()
            ? List.of(List.of())
            : resourceNames.stream().map(List::of).toList();
    for (String group : apiGroups) {
      for (String resource : resources) {
        for (String verb : verbs) {
          for (List<String> name : names) {
            pieces.add(
                new PolicyRule(List.of(verb), List.of(group), List.of(resource), name, List.of()));
          }
        }
      }
    }
    for (String url : nonResourceUrls) {
      for (String verb : verbs) {
        pieces.add(new PolicyRule(List.of(verb), List.of(), List.of(), List.of(), List.of(url)));
      }
    }
    return pieces;
  }

  /** Pieces as people are told of them: one line for each resource, with all its verbs. */
  static List<String> describe(List<PolicyRule> pieces) {
    Map<PolicyRule, List<String>> verbs = new LinkedHashMap<>();
    TreeSet<String> lines = new TreeSet<>();
    for (PolicyRule piece : pieces) {
      if (!piece.nonResourceUrls.isEmpty()) {
        lines.add(piece.text());
        continue;
      }
      List<String> known =
          verbs.computeIfAbsent(piece.withVerbs(List.of()), key -> new ArrayList<>());
      piece.verbs.stream().filter(verb -> !known.contains(verb)).forEach(known::add);
    }
    verbs.forEach((rule, all) -> lines.add(rule.withVerbs(all).text()));
    return List.copyOf(lines);
  }

  private PolicyRule withVerbs(List<String> others) {
    return new PolicyRule(others, apiGroups, resources, resourceNames, nonResourceUrls);
  }

  private String text() {
    List<String> parts = new ArrayList<>();
    part(parts, "APIGroups", apiGroups);
    part(parts, "Resources", resources);
    part(parts, "NonResourceURLs", nonResourceUrls);
    part(parts, "ResourceNames", resourceNames);
    part(parts, "Verbs", verbs);
    return "{" + String.join(", ", parts) + "}";
  }

  private static void part(List<String> parts, String name, List<String> values) {
    if (!values.isEmpty()) {
      parts.add(name + ":" + quoted(values));
    }
  }

  /** A list as Go prints it with {@code %q}. */
  static String quoted(List<String> values) {
    return "[" + String.join(" ", values.stream().map(Quoting::go).toList()) + "]";
  }
}
