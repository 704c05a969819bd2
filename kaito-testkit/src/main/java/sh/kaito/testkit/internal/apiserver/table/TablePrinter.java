package sh.kaito.testkit.internal.apiserver.table;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.api.CustomVersion;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** The columns of one type and the cells of its objects. */
abstract class TablePrinter {
  private final List<Column> columns;

  TablePrinter(List<Column> columns) {
    this.columns = columns;
  }

  List<Column> columns() {
    return columns;
  }

  abstract List<Object> cells(Map<String, Object> object);

  List<Object> conditions(Map<String, Object> object) {
    return List.of();
  }

  static TablePrinter of(ResourceType type, Clock clock) {
    CustomVersion custom = type.custom();
    return custom == null ? new BuiltInPrinter(type.storage(), clock) : custom(custom, clock);
  }

  private static TablePrinter custom(CustomVersion version, Clock clock) {
    List<Column> columns = new ArrayList<>();
    List<JsonPath> paths = new ArrayList<>();
    columns.add(BuiltInColumns.name());
    List<Map<String, Object>> defined = version.printerColumns();
    for (Map<String, Object> column : defined) {
      String path = Json.text(column, "jsonPath");
      String description = Json.text(column, "description");
      columns.add(
          new Column(
              Json.text(column, "name"),
              Json.text(column, "type"),
              Json.text(column, "format"),
              description.isEmpty()
                  ? "Custom resource definition column (in JSONPath format): " + path
                  : description,
              Json.integer(column, 0, "priority")));
      paths.add(JsonPath.parse(path));
    }
    if (defined.isEmpty()) {
      columns.add(new Column("Age", "date", "", BuiltInColumns.ageDescription(), 0));
      paths.add(JsonPath.parse(".metadata.creationTimestamp"));
    }
    return new TablePrinter(columns) {
      @Override
      List<Object> cells(Map<String, Object> object) {
        List<Object> cells = new ArrayList<>();
        cells.add(Json.text(object, "metadata", "name"));
        for (int i = 0; i < paths.size(); i++) {
          cells.add(cell(paths.get(i).find(object), columns().get(i + 1).type(), clock));
        }
        return cells;
      }
    };
  }

  /** A cell is null where the path finds nothing or something of another type. */
  private static @Nullable Object cell(List<Object> found, String type, Clock clock) {
    if (found.isEmpty() || found.get(0) == null) {
      return null;
    }
    Object value = found.get(0);
    return switch (type) {
      case "integer" ->
          value instanceof Long
              ? value
              : value instanceof Double number
                  ? (Object) number.longValue()
                  : value instanceof String text ? parseLong(text) : null;
      case "number" ->
          value instanceof Number ? value : value instanceof String text ? parseDouble(text) : null;
      case "boolean" ->
          value instanceof Boolean
              ? value
              : value instanceof String text ? parseBoolean(text) : null;
      case "date" ->
          value instanceof String text ? invalidAsUnknown(Ages.since(text, clock.instant())) : null;
      default -> value instanceof String ? value : Json.writeSorted(value);
    };
  }

  private static String invalidAsUnknown(String age) {
    return age.equals("<unknown>") ? "<invalid>" : age;
  }

  private static @Nullable Object parseLong(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable Object parseDouble(String text) {
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable Object parseBoolean(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> null;
    };
  }
}
