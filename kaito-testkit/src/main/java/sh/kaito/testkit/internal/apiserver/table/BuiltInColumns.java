package sh.kaito.testkit.internal.apiserver.table;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import sh.kaito.testkit.internal.json.Json;

/**
 * Columns of built-in types with the descriptions of the real server, from {@code columns.json}.
 */
final class BuiltInColumns {
  private static final String RESOURCE = "/sh/kaito/testkit/internal/apiserver/columns.json";
  private static final Map<String, List<Column>> COLUMNS = load();

  private BuiltInColumns() {}

  private static Map<String, List<Column>> load() {
    Object root;
    try (InputStream in = BuiltInColumns.class.getResourceAsStream(RESOURCE)) {
      root =
          Json.parse(
              Objects.requireNonNull(in, RESOURCE + " is not on the class path").readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE, e);
    }
    Map<String, List<Column>> result = new HashMap<>();
    for (Map.Entry<String, Object> entry : Objects.requireNonNull(Json.asObject(root)).entrySet()) {
      List<Column> columns = new ArrayList<>();
      for (Object column : Objects.requireNonNull(Json.asList(entry.getValue()))) {
        columns.add(
            new Column(
                Json.text(column, "name"),
                Json.text(column, "type"),
                Json.text(column, "format"),
                Json.text(column, "description"),
                Json.integer(column, 0, "priority")));
      }
      result.put(entry.getKey(), List.copyOf(columns));
    }
    return result;
  }

  static List<Column> of(String storage) {
    return Objects.requireNonNull(COLUMNS.getOrDefault(storage, COLUMNS.get("default")));
  }

  /** The column that every table starts with. */
  static Column name() {
    return of("configmaps").get(0);
  }

  static String ageDescription() {
    return of("configmaps").get(2).description();
  }
}
