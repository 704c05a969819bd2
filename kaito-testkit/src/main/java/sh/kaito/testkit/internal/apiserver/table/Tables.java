package sh.kaito.testkit.internal.apiserver.table;

import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** Objects as {@code meta.k8s.io/v1} Tables. */
public final class Tables {

  /** What a row carries beside its cells. */
  public enum Include {
    NONE,
    METADATA,
    OBJECT
  }

  private final Clock clock;

  public Tables(Clock clock) {
    this.clock = clock;
  }

  /**
   * A table.
   *
   * @param withColumns whether the columns are described; later events of a watch leave them out
   */
  public Map<String, Object> table(
      ResourceType type,
      List<Map<String, Object>> objects,
      Include include,
      Map<String, Object> metadata,
      boolean withColumns) {
    TablePrinter printer = TablePrinter.of(type, clock);
    Map<String, Object> table = new LinkedHashMap<>();
    table.put("kind", "Table");
    table.put("apiVersion", "meta.k8s.io/v1");
    table.put("metadata", metadata);
    table.put(
        "columnDefinitions",
        withColumns ? printer.columns().stream().map(Column::json).toList() : null);
    List<Object> rows = new ArrayList<>();
    for (Map<String, Object> object : objects) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("cells", printer.cells(object));
      List<Object> conditions = printer.conditions(object);
      if (!conditions.isEmpty()) {
        row.put("conditions", conditions);
      }
      row.put(
          "object",
          switch (include) {
            case NONE -> null;
            case METADATA ->
                Json.objectOf(
                    "kind",
                    "PartialObjectMetadata",
                    "apiVersion",
                    "meta.k8s.io/v1",
                    "metadata",
                    object.get("metadata"));
            case OBJECT -> object;
          });
      rows.add(row);
    }
    table.put("rows", rows);
    return table;
  }
}
