package sh.kaito.testkit.internal.apiserver.transcripts;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonParseException;

/** Runs the real kubectl in a folder of its own, through a recording proxy. */
final class Kubectl implements AutoCloseable {
  private static final Pattern DISCOVERY =
      Pattern.compile("^/(api|apis|version|openapi)(/[^/]+){0,2}(\\?.*)?$");
  private static final int TIMEOUT_SECONDS = 120;

  private final Path folder;
  private final RecordingProxy proxy;

  Kubectl(Path folder, Stage stage) throws IOException {
    this.folder = folder;
    this.proxy = new RecordingProxy(stage.server().url());
  }

  /** Whether there is one on the PATH. */
  static boolean isInstalled() {
    String path = System.getenv("PATH");
    return path != null
        && Arrays.stream(path.split(Pattern.quote(File.pathSeparator), -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "kubectl")));
  }

  void file(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content);
  }

  /** Runs a command line and tells exit code, output and requests. */
  Map<String, Object> run(List<String> arguments, String user) {
    proxy.restart("token-of-" + user);
    List<String> command = new ArrayList<>();
    command.add("kubectl");
    command.add("--server=" + proxy.url());
    command.add("--cache-dir=" + folder.resolve("cache"));
    command.addAll(arguments);
    Path out = folder.resolve(".stdout");
    Path err = folder.resolve(".stderr");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "KUBECONFIG",
                "/dev/null",
                "HOME",
                folder.toString(),
                "LC_ALL",
                "C",
                "TZ",
                "UTC",
                "TMPDIR",
                "/tmp"));
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(
            String.join(" ", command) + " did not end within " + TIMEOUT_SECONDS + " s");
      }
      return Json.objectOf(
          "exit",
          (long) process.exitValue(),
          "stdout",
          text(out),
          "stderr",
          text(err),
          "requests",
          requests());
    } catch (IOException e) {
      throw new AssertionError("cannot run kubectl", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while kubectl ran", e);
    }
  }

  private String text(Path file) throws IOException {
    return Files.readString(file)
        .replace(proxy.url(), "<server>")
        .replace(folder.toString(), "<dir>");
  }

  private List<Object> requests() {
    List<Object> requests = new ArrayList<>();
    for (RecordingProxy.Recorded recorded : proxy.recorded()) {
      if (recorded.method().equals("GET")
          && (DISCOVERY.matcher(recorded.path()).matches()
              || recorded.path().startsWith("/openapi"))) {
        continue;
      }
      Map<String, Object> request = new LinkedHashMap<>();
      request.put("method", recorded.method());
      request.put("path", path(recorded.path()));
      request.put("accept", recorded.accept());
      request.put("status", (long) recorded.status());
      if (recorded.contentType() != null) {
        request.put("contentType", recorded.contentType());
      }
      if (recorded.body().length > 0) {
        request.put("body", body(recorded.body()));
      }
      requests.add(request);
    }
    return requests;
  }

  private static String path(String path) {
    String plain =
        path.replaceAll("([?&]resourceVersion=)[1-9]\\d*", "$1<rv>")
            .replaceAll("([?&]timeoutSeconds=)\\d+", "$1<num>");
    return Pattern.compile("(fieldSelector=)([^&]*)")
        .matcher(plain)
        .replaceAll(
            match -> {
              String[] terms = match.group(2).split("%2C", -1);
              Arrays.sort(terms);
              return match.group(1) + String.join("%2C", terms);
            });
  }

  private static @Nullable Object body(byte[] bytes) {
    Object body;
    try {
      body = Json.parse(bytes);
    } catch (JsonParseException e) {
      try {
        return StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(bytes))
            .toString();
      } catch (CharacterCodingException notText) {
        return "<binary>";
      }
    }
    List<Object> patch = Json.asList(body);
    if (patch != null) {
      for (Object operation : patch) {
        Map<String, Object> map = Json.asObject(operation);
        if (map != null && "/metadata/resourceVersion".equals(map.get("path"))) {
          map.put("value", "<rv>");
        }
      }
    }
    return body;
  }

  @Override
  public void close() {
    proxy.close();
  }
}
