package sh.kaito.testkit.internal.apiserver.transcripts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** The {@code select} operations of a step. */
final class Selection {
  private Selection() {}

  /** What the recording has where an operation found nothing. */
  private static final class FailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FailedException(String message) {
      super(message, null, false, false);
    }
  }

  static @Nullable Object apply(@Nullable Object body, List<Object> operations) {
    Object current = body;
    for (Object operation : operations) {
      List<Object> words = Objects.requireNonNull(Json.asList(operation));
      try {
        current = one(current, words);
      } catch (FailedException e) {
        return Json.objectOf("<select failed>", words, "at", e.getMessage());
      } catch (NoSuchElementException e) {
        return Json.objectOf("<select failed>", words, "at", "KeyError('" + e.getMessage() + "')");
      }
    }
    return current;
  }

  private static List<Object> list(@Nullable Object value) {
    List<Object> list = Json.asList(value);
    if (list == null) {
      throw new FailedException("no list");
    }
    return list;
  }

  private static @Nullable Object one(@Nullable Object body, List<Object> words) {
    String name = String.valueOf(words.get(0));
    Object first = words.size() > 1 ? words.get(1) : null;
    String text = String.valueOf(first);
    switch (name) {
      case "ptr" -> {
        return Pointers.get(body, text);
      }
      case "where" -> {
        for (Object item : list(body)) {
          if (Objects.equals(Json.get(item, text), words.get(2))) {
            return item;
          }
        }
        throw new FailedException("StopIteration()");
      }
      case "wherep" -> {
        for (Object item : list(body)) {
          if (Objects.equals(Pointers.get(item, text), words.get(2))) {
            return item;
          }
        }
        throw new FailedException("StopIteration()");
      }
      case "filter" -> {
        List<Object> wanted = list(words.get(2));
        return list(body).stream().filter(item -> wanted.contains(Json.get(item, text))).toList();
      }
      case "keys" -> {
        Map<String, Object> map = Json.asObject(body);
        if (map == null) {
          throw new FailedException("AttributeError(\"'str' object has no attribute 'keys'\")");
        }
        return new ArrayList<Object>(new TreeSet<>(map.keySet()));
      }
      case "pluck" -> {
        List<Object> values = new ArrayList<>();
        list(body).forEach(item -> values.add(Json.get(item, text)));
        return values;
      }
      case "pick" -> {
        Map<String, Object> picked = Json.newObject();
        Map<String, Object> map = Objects.requireNonNull(Json.asObject(body));
        for (Object key : list(first)) {
          if (map.containsKey(String.valueOf(key))) {
            picked.put(String.valueOf(key), map.get(String.valueOf(key)));
          }
        }
        return picked;
      }
      case "drop" -> {
        Pointers.remove(Objects.requireNonNull(body), text);
        return body;
      }
      case "grep" -> {
        Pattern pattern = Pattern.compile(text);
        List<Object> lines = new ArrayList<>();
        for (String line : String.valueOf(body).split("\n", -1)) {
          if (pattern.matcher(line).find()) {
            lines.add(line);
          }
        }
        return lines;
      }
      case "has" -> {
        Map<String, Object> has = Json.newObject();
        Map<String, Object> map = Objects.requireNonNull(Json.asObject(body));
        list(first)
            .forEach(key -> has.put(String.valueOf(key), map.containsKey(String.valueOf(key))));
        return has;
      }
      default -> throw new IllegalArgumentException("unknown select operation " + name);
    }
  }
}
