package sh.kaito.testkit.internal.patch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoFormat;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.Refusal;

/**
 * JSON patch (RFC 6902) as kube-apiserver has it: {@code replace} of a missing key works, {@code
 * test} takes a missing key for null, indexes may count from the end, and whatever fails is
 * answered 422 with a message that does not say why. One use, one thread.
 */
public final class JsonPatch {
  private static final int MAX_OPERATIONS = 10_000;
  private static final Set<String> KEYS = Set.of("op", "path", "from", "value");

  /** An operation that does not apply; nobody gets to read why. */
  private static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;

    Failed(String why) {
      super(why, null, false, false);
    }
  }

  private @Nullable Object document;

  private JsonPatch(Map<String, @Nullable Object> document) {
    this.document = document;
  }

  /**
   * Patches an object.
   *
   * @param ignoreProblems whether field validation is Ignore
   * @throws Refusal 400 for a body that is no JSON patch, 422 when an operation fails
   */
  public static Patched apply(
      Map<String, @Nullable Object> object, byte[] body, boolean ignoreProblems) {
    String prefix = ignoreProblems ? "" : "error decoding patch: ";
    Json.Parsed parsed = PatchBody.parse(body, prefix);
    List<@Nullable Object> operations = Json.asList(parsed.value());
    if (operations == null && parsed.value() != null) {
      throw Refusal.badRequest(
          prefix
              + "json: cannot unmarshal "
              + PatchBody.kind(parsed.value())
              + " into Go value of type "
              + (ignoreProblems ? "jsonpatch.Patch" : "[]handlers.jsonPatchOp"));
    }
    List<String> problems = new ArrayList<>();
    if (operations == null) {
      operations = List.of();
    }
    for (int i = 0; i < operations.size(); i++) {
      check(operations.get(i), i, ignoreProblems, prefix, problems);
    }
    if (operations.size() > MAX_OPERATIONS) {
      throw Refusal.tooLarge(
          "The allowed maximum operations in a JSON patch is "
              + MAX_OPERATIONS
              + ", got "
              + operations.size());
    }
    if (!ignoreProblems) {
      PatchBody.duplicates(parsed).forEach(problem -> problems.add("json patch " + problem));
    }
    JsonPatch patch = new JsonPatch(PatchBody.sorted(object));
    try {
      for (Object operation : operations) {
        patch.apply(operation);
      }
    } catch (Failed e) {
      throw Refusal.unprocessable();
    }
    Map<String, @Nullable Object> result = Json.asObject(patch.document);
    if (result == null) {
      throw Refusal.unprocessable();
    }
    return new Patched(result, ignoreProblems ? List.of() : problems, Json.writeString(result));
  }

  private static void check(
      @Nullable Object operation,
      int index,
      boolean ignoreProblems,
      String prefix,
      List<String> problems) {
    if (operation != null && !(operation instanceof Map<?, ?>)) {
      throw Refusal.badRequest(
          prefix
              + "json: cannot unmarshal "
              + PatchBody.kind(operation)
              + " into Go value of type "
              + (ignoreProblems ? "jsonpatch.Operation" : "handlers.jsonPatchOp"));
    }
    if (ignoreProblems || !(operation instanceof Map<?, ?> fields)) {
      return;
    }
    for (Map.Entry<?, ?> entry : fields.entrySet()) {
      String key = (String) entry.getKey();
      if (!KEYS.contains(key)) {
        problems.add("json patch unknown field " + GoFormat.quote("[" + index + "]." + key));
      } else if (!key.equals("value")
          && entry.getValue() != null
          && !(entry.getValue() instanceof String)) {
        throw Refusal.badRequest(
            prefix
                + "json: cannot unmarshal "
                + PatchBody.kind(entry.getValue())
                + " into Go struct field jsonPatchOp."
                + key
                + " of type string");
      }
    }
  }

  private void apply(@Nullable Object operation) throws Failed {
    switch (Json.text(operation, "op")) {
      case "add" -> add(text(operation, "path"), Json.deepCopy(Json.get(operation, "value")));
      case "remove" -> remove(text(operation, "path"));
      case "replace" -> replace(operation);
      case "move" -> {
        Object value = get(text(operation, "from"));
        remove(text(operation, "from"));
        add(text(operation, "path"), value);
      }
      case "copy" -> {
        Object value = Json.deepCopy(get(text(operation, "from")));
        add(text(operation, "path"), value);
      }
      case "test" -> test(operation);
      default -> throw new Failed("unexpected kind");
    }
  }

  private static String text(@Nullable Object operation, String key) throws Failed {
    String text = Json.string(operation, key);
    if (text == null) {
      throw new Failed("missing " + key);
    }
    return text;
  }

  private static String decode(String step) {
    return step.replace("~1", "/").replace("~0", "~");
  }

  /**
   * The container of a path's last step. Containers on the way are copied, so that the document
   * that was given stays as it is.
   */
  private Object container(String path) throws Failed {
    String[] steps = path.split("/", -1);
    if (steps.length < 2) {
      throw new Failed("no container");
    }
    Object current = document;
    for (int i = 1; i < steps.length - 1; i++) {
      String step = decode(steps[i]);
      Object next = child(current, step);
      if (next instanceof Map<?, ?> map) {
        next = PatchBody.sorted(map);
      } else if (next instanceof List<?> list) {
        next = new ArrayList<>(list);
      } else {
        throw new Failed("no container");
      }
      put(current, step, next);
      current = next;
    }
    if (current == null) {
      throw new Failed("no container");
    }
    return current;
  }

  private static String last(String path) {
    return decode(path.substring(path.lastIndexOf('/') + 1));
  }

  private static @Nullable Object child(@Nullable Object container, String key) throws Failed {
    if (container instanceof List<?> list) {
      return list.get(index(key, list.size(), list.size() - 1));
    }
    return container instanceof Map<?, ?> map ? map.get(key) : null;
  }

  private static void put(@Nullable Object container, String key, @Nullable Object value)
      throws Failed {
    List<@Nullable Object> list = Json.asList(container);
    Map<String, @Nullable Object> map = Json.asObject(container);
    if (list != null) {
      list.set(index(key, list.size(), list.size() - 1), value);
    } else if (map != null) {
      map.put(key, value);
    }
  }

  /** An index; negative ones count from the end. */
  private static int index(String key, int size, int highest) throws Failed {
    int index;
    try {
      index = Integer.parseInt(key);
    } catch (NumberFormatException e) {
      throw new Failed("no index");
    }
    if (index < 0) {
      index += size;
    }
    if (index < 0 || index > highest) {
      throw new Failed("invalid index");
    }
    return index;
  }

  private @Nullable Object get(String path) throws Failed {
    return child(container(path), last(path));
  }

  private void add(String path, @Nullable Object value) throws Failed {
    Object container = container(path);
    String key = last(path);
    List<@Nullable Object> list = Json.asList(container);
    if (list == null) {
      insertSorted(container, key, value);
    } else if (key.equals("-")) {
      list.add(value);
    } else {
      list.add(index(key, list.size() + 1, list.size()), value);
    }
  }

  /** Puts a key where it belongs in a map with sorted keys. */
  private static void insertSorted(Object container, String key, @Nullable Object value) {
    Map<String, @Nullable Object> map = Json.asObject(container);
    if (map == null) {
      return;
    }
    boolean known = map.containsKey(key);
    map.put(key, value);
    if (!known) {
      Map<String, @Nullable Object> sorted = PatchBody.sorted(map);
      map.clear();
      map.putAll(sorted);
    }
  }

  private void remove(String path) throws Failed {
    Object container = container(path);
    String key = last(path);
    List<@Nullable Object> list = Json.asList(container);
    Map<String, @Nullable Object> map = Json.asObject(container);
    if (list != null) {
      list.remove(index(key, list.size(), list.size() - 1));
    } else if (map != null) {
      if (!map.containsKey(key)) {
        throw new Failed("missing key");
      }
      map.remove(key);
    }
  }

  private void replace(@Nullable Object operation) throws Failed {
    String path = text(operation, "path");
    Object value = Json.deepCopy(Json.get(operation, "value"));
    if (path.isEmpty()) {
      document = value instanceof Map<?, ?> map ? new LinkedHashMap<>(map) : value;
      return;
    }
    Object container = container(path);
    if (container instanceof List<?>) {
      put(container, last(path), value);
    } else {
      insertSorted(container, last(path), value);
    }
  }

  private void test(@Nullable Object operation) throws Failed {
    String path = text(operation, "path");
    Object actual = path.isEmpty() ? document : get(path);
    if (!Json.deepEquals(actual, Json.get(operation, "value"))) {
      throw new Failed("test failed");
    }
  }
}
