package sh.kaito.testkit.internal.apiserver.transcripts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.testkit.internal.json.Json;

/** Plays one scenario on a stage. The format is that of the transcripts' README. */
final class ScenarioPlayer {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z0-9_]+)\\}");
  private static final List<String> HEADERS =
      List.of("content-type", "retry-after", "allow", "location", "www-authenticate");
  private static final String ID = "z4t9k";

  private final Stage stage;
  private final @Nullable Kubectl kubectl;
  private final Map<String, Object> scenario;
  private final Map<String, Object> captured = new LinkedHashMap<>();
  private final Map<String, Recorder> watches = new LinkedHashMap<>();

  ScenarioPlayer(Map<String, Object> scenario, Stage stage, @Nullable Kubectl kubectl) {
    this.scenario = scenario;
    this.stage = stage;
    this.kubectl = kubectl;
    captured.put("id", ID);
  }

  /** Differences between what was recorded and what happened; empty when there are none. */
  List<String> play() throws IOException {
    Map<String, Object> files = Json.object(scenario, "files");
    if (files != null && kubectl != null) {
      for (Map.Entry<String, Object> file : files.entrySet()) {
        kubectl.file(file.getKey(), String.valueOf(substitute(file.getValue())));
      }
    }
    for (Object step : list(scenario, "setup")) {
      Map<String, Object> result = step(step);
      String problem = setupProblem(step, result);
      if (problem != null) {
        return List.of(problem);
      }
    }
    List<Object> steps = list(scenario, "steps");
    List<Map<String, Object>> results = new ArrayList<>();
    for (Object step : steps) {
      results.add(step(step));
    }
    return differences(steps, results);
  }

  private static List<Object> list(@Nullable Object root, String key) {
    List<Object> list = Json.list(root, key);
    return list == null ? List.of() : list;
  }

  private @Nullable String setupProblem(Object step, @Nullable Map<String, Object> result) {
    if (result == null) {
      return null;
    }
    long status = Json.integer(result, 0, "status");
    boolean fine = (status >= 200 && status < 300) || list(step, "accept").contains(status);
    return fine && !result.containsKey("<poll>")
        ? null
        : "setup " + label(step) + ": " + status + " " + Json.writeString(result.get("body"));
  }

  private static String label(Object step) {
    List<Object> command = list(step, "kubectl");
    if (!command.isEmpty()) {
      return "kubectl " + String.join(" ", command.stream().map(String::valueOf).toList());
    }
    String what = Json.text(step, "path") + Json.text(step, "watch") + Json.text(step, "collect");
    return Json.text(step, "method") + " " + what;
  }

  private @Nullable Map<String, Object> step(Object step) {
    Object sleep = Json.get(step, "sleep");
    if (sleep instanceof Number seconds) {
      stage.advance(Duration.ofMillis((long) (seconds.doubleValue() * 1000)));
      return null;
    }
    if (Json.get(step, "hook") != null) {
      stage.server().compact();
      return null;
    }
    if (Json.get(step, "kubectl") != null) {
      return Objects.requireNonNull(kubectl, "a scenario of kubectl is played with it")
          .run(
              list(step, "kubectl").stream().map(item -> String.valueOf(substitute(item))).toList(),
              Json.text(step, "as").isEmpty() ? "admin" : Json.text(step, "as"));
    }
    if (Json.get(step, "watch") != null) {
      return watch(step);
    }
    if (Json.get(step, "collect") != null) {
      Recorder recorder = Objects.requireNonNull(watches.get(Json.text(step, "collect")));
      return recorder.collect(Json.get(step, "until"), timeout(step));
    }
    Map<String, Object> result = Json.get(step, "poll") == null ? http(step) : poll(step);
    Map<String, Object> captures = Json.object(step, "capture");
    if (captures != null) {
      captures.forEach(
          (name, pointer) -> {
            try {
              captured.put(name, Pointers.get(result.get("body"), String.valueOf(pointer)));
            } catch (NoSuchElementException e) {
              captured.put(name, "<no " + name + ">");
            }
          });
    }
    return result;
  }

  private static Duration timeout(Object step) {
    Object value = Json.get(step, "timeout");
    return Duration.ofSeconds(value instanceof Long seconds ? seconds : 20);
  }

  private Map<String, Object> poll(Object step) {
    Object until = Json.get(step, "poll");
    Instant end = stage.now().plusSeconds(Json.integer(until, 40, "timeout"));
    while (true) {
      Map<String, Object> result = http(step);
      if (holds(result, until)) {
        return result;
      }
      if (stage.now().isAfter(end)) {
        result.put("<poll>", "timed out");
        return result;
      }
      stage.advance(Duration.ofMillis(100));
    }
  }

  private boolean holds(Map<String, Object> result, @Nullable Object until) {
    Object status = Json.get(until, "status");
    if (status != null && !status.equals(result.get("status"))) {
      return false;
    }
    for (Object pointer : list(until, "pointers")) {
      Object value = null;
      boolean there = true;
      try {
        value = Pointers.get(result.get("body"), Json.text(pointer, "pointer"));
      } catch (NoSuchElementException e) {
        there = false;
      }
      boolean ok =
          Json.isTrue(pointer, "absent")
              ? !there
              : Json.isTrue(pointer, "exists")
                  ? there
                  : there && Objects.equals(value, substitute(Json.get(pointer, "equals")));
      if (!ok) {
        return false;
      }
    }
    String condition = Json.string(until, "condition");
    if (condition == null) {
      return true;
    }
    List<Object> conditions = Json.list(result.get("body"), "status", "conditions");
    return conditions != null
        && conditions.stream()
            .anyMatch(
                c ->
                    Json.text(c, "type").equals(condition)
                        && Json.text(c, "status").equals("True"));
  }

  private KubeRequest.Builder headers(KubeRequest.Builder request, Object step) {
    request.header("User-Agent", "trclient/1.0");
    if (Json.text(step, "as").equals("badtoken")) {
      request.header("Authorization", "Bearer not-a-valid-token");
    }
    Map<String, Object> headers = Json.object(step, "headers");
    boolean accepts =
        headers != null && headers.keySet().stream().anyMatch("accept"::equalsIgnoreCase);
    if (!accepts) {
      request.header("Accept", "application/json");
    }
    if (headers != null) {
      headers.forEach(
          (name, value) -> {
            if (value != null) {
              request.header(name, String.valueOf(substitute(value)));
            }
          });
    }
    return request;
  }

  private Map<String, Object> http(Object step) {
    String path = String.valueOf(substitute(Json.text(step, "path")));
    KubeRequest.Builder request = KubeRequest.of(Json.text(step, "method"), path);
    byte[] body = null;
    if (Json.get(step, "bodyText") != null) {
      body =
          String.valueOf(substitute(Json.get(step, "bodyText"))).getBytes(StandardCharsets.UTF_8);
    } else if (Objects.requireNonNull(Json.asObject(step)).containsKey("body")) {
      body = SpacedJson.write(substitute(Json.get(step, "body"))).getBytes(StandardCharsets.UTF_8);
    }
    if (body != null) {
      request.body("application/json", body);
    }
    headers(request, step);
    return result(stage.answer(stage.transport(Json.text(step, "as")).exchange(request.build())));
  }

  private static Map<String, Object> result(KubeResponse answer) {
    Map<String, Object> headers = Json.newObject();
    for (String name : HEADERS) {
      answer.header(name).ifPresent(value -> headers.put(name, value));
    }
    List<String> warnings = answer.headers().get("Warning");
    if (warnings != null) {
      headers.put("warning", new ArrayList<>(warnings));
    }
    Object body = answer.bodyText();
    if (answer.header("Content-Type").orElse("").contains("json")) {
      body = Json.parse(answer.body());
    }
    return Json.objectOf("status", (long) answer.status(), "headers", headers, "body", body);
  }

  private @Nullable Map<String, Object> watch(Object step) {
    Recorder recorder = new Recorder();
    KubeRequest request =
        headers(KubeRequest.get(String.valueOf(substitute(Json.text(step, "watch")))), step)
            .build();
    recorder.watch = stage.transport(Json.text(step, "as")).watch(request, recorder);
    stage.settle();
    if (Json.get(step, "start") != null) {
      watches.put(Json.text(step, "start"), recorder);
      return recorder.rejected;
    }
    Object until = Json.get(step, "until");
    Map<String, Object> result =
        recorder.collect(until == null ? Json.objectOf("end", true) : until, timeout(step));
    recorder.close();
    return result;
  }

  /** Records one watch. */
  private final class Recorder implements KubeWatch.Listener {
    private final List<Object> events = new ArrayList<>();
    private @Nullable Map<String, Object> rejected;
    private @Nullable KubeWatch watch;
    private boolean ended;
    private int position;

    @Override
    public void onEvent(byte[] event) {
      events.add(Json.parse(event));
    }

    @Override
    public void onRejected(KubeResponse response) {
      rejected = result(response);
    }

    @Override
    public void onEnd(@Nullable Throwable cause) {
      ended = true;
    }

    void close() {
      if (watch != null) {
        watch.close();
      }
    }

    Map<String, Object> collect(@Nullable Object until, Duration timeout) {
      if (rejected != null) {
        return rejected;
      }
      boolean bookmark = Json.isTrue(until, "bookmark");
      boolean keep = bookmark || Json.isTrue(until, "keepBookmarks");
      Object wanted = Json.get(until, "count");
      Object quietFor = Json.get(until, "quiet");
      long quietMillis =
          quietFor instanceof Number seconds ? (long) (seconds.doubleValue() * 1000) : 0;
      Instant deadline = stage.now().plus(timeout);
      List<Object> seen = new ArrayList<>();
      Instant quiet = null;
      String end = null;
      while (end == null) {
        while (position < events.size() && end == null) {
          Object event = events.get(position++);
          if (Json.text(event, "type").equals("BOOKMARK")) {
            if (!keep) {
              continue;
            }
            if (bookmark) {
              end = "bookmark";
            }
          }
          seen.add(event);
        }
        if (end != null) {
          break;
        }
        if (wanted instanceof Long count && seen.size() >= count) {
          if (quiet == null) {
            quiet = stage.now().plusMillis(quietMillis);
          }
          if (!stage.now().isBefore(quiet)) {
            end = "count";
            break;
          }
        }
        if (ended) {
          end = "closed";
        } else if (!stage.now().isBefore(deadline)) {
          end = "timeout";
        } else {
          stage.advance(Duration.ofMillis(100));
        }
      }
      return Json.objectOf(
          "status",
          200L,
          "headers",
          Json.objectOf("content-type", "application/json"),
          "events",
          seen,
          "ended",
          end);
    }
  }

  private @Nullable Object substitute(@Nullable Object value) {
    if (value instanceof String text) {
      return VARIABLE
          .matcher(text)
          .replaceAll(
              match ->
                  Matcher.quoteReplacement(
                      String.valueOf(captured.getOrDefault(match.group(1), match.group()))));
    }
    List<Object> list = Json.asList(value);
    if (list != null) {
      List<Object> result = new ArrayList<>();
      list.forEach(item -> result.add(substitute(item)));
      return result;
    }
    Map<String, Object> map = Json.asObject(value);
    if (map == null) {
      return value;
    }
    if (map.containsKey("$from")) {
      Object base = Objects.requireNonNull(Json.deepCopy(captured.get(Json.text(map, "$from"))));
      list(map, "$remove").forEach(pointer -> Pointers.remove(base, String.valueOf(pointer)));
      Map<String, Object> set = Json.object(map, "$set");
      if (set != null) {
        set.forEach((pointer, replacement) -> Pointers.set(base, pointer, substitute(replacement)));
      }
      return base;
    }
    if (map.containsKey("$repeat")) {
      List<Object> repeat = list(map, "$repeat");
      return String.valueOf(repeat.get(0)).repeat(((Long) repeat.get(1)).intValue());
    }
    Map<String, Object> result = Json.newObject();
    map.forEach((key, item) -> result.put(String.valueOf(substitute(key)), substitute(item)));
    return result;
  }

  private List<String> differences(List<Object> steps, List<Map<String, Object>> results) {
    Normaliser normaliser = new Normaliser(ID);
    List<Map<String, Object>> raw = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      Map<String, Object> result = results.get(i);
      if (result != null) {
        result = Json.copyObject(result);
        List<Object> select = Json.list(steps.get(i), "select");
        if (select != null
            && result.containsKey("body")
            && Json.integer(result, 0, "status") < 300) {
          result.put("body", Selection.apply(result.get("body"), select));
        }
        normaliser.scan(result.get("body"));
        normaliser.scan(result.get("events"));
        normaliser.scan(result.get("requests"));
        normaliser.scan(result.get("stdout"));
        normaliser.scan(result.get("stderr"));
      }
      raw.add(result);
    }
    normaliser.finish();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      Map<String, Object> expected = Json.object(steps.get(i), "expect");
      Map<String, Object> result = raw.get(i);
      if (expected == null || result == null) {
        continue;
      }
      expected = Json.copyObject(expected);
      if (Json.get(steps.get(i), "expect_events") != null) {
        expected.put("events", Json.get(steps.get(i), "expect_events"));
      }
      Object actual = normalised(steps.get(i), result, normaliser);
      for (String line : JsonDiff.of(expected, actual)) {
        lines.add(String.format(Locale.ROOT, "step %d (%s): %s", i, label(steps.get(i)), line));
      }
    }
    return lines;
  }

  private static Map<String, Object> normalised(
      Object step, Map<String, Object> result, Normaliser normaliser) {
    if (Json.get(step, "kubectl") != null) {
      Map<String, Object> shown = CliText.of(step, result, normaliser);
      for (Object pointer : list(step, "ignore")) {
        Pointers.ignore(shown, Pointers.steps(String.valueOf(pointer)));
      }
      return shown;
    }
    Map<String, Object> actual = Json.newObject();
    actual.put("status", result.get("status"));
    actual.put("headers", normaliser.apply(result.get("headers")));
    if (result.containsKey("<poll>")) {
      actual.put("<poll>", result.get("<poll>"));
    }
    if (result.containsKey("events")) {
      actual.put("events", normaliser.apply(result.get("events")));
      actual.put("ended", result.get("ended"));
    } else {
      actual.put("body", normaliser.apply(result.get("body")));
    }
    for (Object pointer : list(step, "ignore")) {
      List<String> steps = Pointers.steps(String.valueOf(pointer));
      if (actual.containsKey("body")) {
        actual.put("body", Pointers.ignore(actual.get("body"), steps));
      } else {
        for (Object event : list(actual, "events")) {
          Map<String, Object> map = Objects.requireNonNull(Json.asObject(event));
          map.put("object", Pointers.ignore(map.get("object"), steps));
        }
      }
    }
    return actual;
  }
}
