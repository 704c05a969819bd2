package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import sh.kaito.testkit.internal.apiserver.ApiFailure;

/**
 * The form in which a client wants its answer.
 *
 * @param form whole object, table or metadata only
 * @param yaml whether the answer is YAML
 */
record Accept(Form form, boolean yaml) {
  static final Accept JSON = new Accept(Form.WHOLE, false);

  enum Form {
    WHOLE,
    TABLE,
    PARTIAL,
    PARTIAL_LIST
  }

  private static final String MEDIA =
      "application/json, application/yaml, application/vnd.kubernetes.protobuf";

  private record Clause(String type, String as, double quality) {}

  /**
   * Reads an Accept header.
   *
   * @param streams whether the path can be watched, which the complaint mentions
   */
  static Accept parse(Optional<String> header, boolean streams) {
    if (header.isEmpty() || header.get().isBlank()) {
      return JSON;
    }
    List<Clause> clauses = new ArrayList<>();
    for (String part : header.get().split(",", -1)) {
      clauses.add(clause(part));
    }
    // The sort is stable: equal qualities keep their order.
    clauses.sort(Comparator.comparingDouble((Clause clause) -> -clause.quality()));
    boolean unknownForm = false;
    for (Clause clause : clauses) {
      boolean yaml = clause.type().equals("application/yaml");
      boolean json =
          clause.type().equals("application/json")
              || clause.type().equals("*/*")
              || clause.type().equals("application/*");
      if (!yaml && !json) {
        continue;
      }
      switch (clause.as()) {
        case "" -> {
          return new Accept(Form.WHOLE, yaml);
        }
        case "Table" -> {
          return new Accept(Form.TABLE, yaml);
        }
        case "PartialObjectMetadata" -> {
          return new Accept(Form.PARTIAL, yaml);
        }
        case "PartialObjectMetadataList" -> {
          return new Accept(Form.PARTIAL_LIST, yaml);
        }
        default -> unknownForm = true;
      }
    }
    if (unknownForm) {
      throw ApiFailure.of(
          406, "NotAcceptable", "only the following media types are accepted: " + MEDIA);
    }
    throw ApiFailure.of(
            406,
            "NotAcceptable",
            "406: Not Acceptable\n\nAvailable representations: "
                + MEDIA
                + (streams
                    ? ", application/json;stream=watch,"
                        + " application/vnd.kubernetes.protobuf;stream=watch"
                    : ""))
        .withDetails(java.util.Map.of());
  }

  private static Clause clause(String text) {
    String[] parts = text.trim().split(";", -1);
    String as = "";
    double quality = 1;
    for (int i = 1; i < parts.length; i++) {
      String[] pair = parts[i].trim().split("=", 2);
      if (pair.length == 2 && pair[0].equals("as")) {
        as = pair[1];
      } else if (pair.length == 2 && pair[0].equals("q")) {
        try {
          quality = Double.parseDouble(pair[1]);
        } catch (NumberFormatException e) {
          quality = 0;
        }
      }
    }
    return new Clause(parts[0].trim().toLowerCase(Locale.ROOT), as, quality);
  }
}
