package sh.kaito.core.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * Starts the process of a rendered container as a kubelet would, as far as commands and variables
 * go, in a directory of the test with programs that the test supplies.
 */
final class Kubelet {
  private final Path programs;
  private final Map<String, String> environment = new LinkedHashMap<>();
  private UnaryOperator<String> paths = path -> path;

  /** What a process left. */
  record Result(int exitCode, String output) {}

  Kubelet(Path directory) throws IOException {
    programs = Files.createDirectories(directory.resolve("programs"));
  }

  /** A program on the path: the text of a shell script. */
  Kubelet program(String name, String script) throws IOException {
    Path file = programs.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return this;
  }

  Kubelet variable(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Puts directories of the test in place of absolute ones. */
  Kubelet paths(UnaryOperator<String> replacement) {
    paths = replacement;
    return this;
  }

  /** The process of a container. */
  Result run(JsonNode container) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (JsonNode variable : container.path("env")) {
      variables.put(
          variable.path("name").asText(), expand(variable.path("value").asText(), variables));
    }
    List<String> vector = new ArrayList<>();
    container.path("command").forEach(word -> vector.add(expand(word.asText(), variables)));
    container.path("args").forEach(word -> vector.add(expand(word.asText(), variables)));
    return start(vector, variables);
  }

  /** A program of ours with its arguments. */
  Result run(Scripts script, String... arguments) {
    List<String> vector = new ArrayList<>(List.of("/bin/sh", "-c", script.text(), "test"));
    vector.addAll(List.of(arguments));
    return start(vector, Map.of());
  }

  /** Any other command. */
  Result run(String... vector) {
    return start(List.of(vector), Map.of());
  }

  private Result start(List<String> vector, Map<String, String> variables) {
    ProcessBuilder builder =
        new ProcessBuilder(vector.stream().map(paths).toList()).redirectErrorStream(true);
    Map<String, String> env = builder.environment();
    String path = env.getOrDefault("PATH", "/usr/bin:/bin");
    env.clear();
    variables.forEach((name, value) -> env.put(name, paths.apply(value)));
    env.putAll(environment);
    env.put("PATH", programs + File.pathSeparator + path);
    try {
      Path output = Files.createTempFile(programs.getParent(), "output", ".txt");
      Process process = builder.redirectOutput(output.toFile()).start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("still running after a minute: " + vector.get(0));
      }
      return new Result(
          process.exitValue(), new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /**
   * Kubernetes' expansion: {@code $(NAME)} of a known variable is its value, of an unknown one
   * stays; {@code $$} is one dollar; any other dollar is itself.
   */
  static String expand(String text, Map<String, String> variables) {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '$' || i + 1 == text.length()) {
        result.append(c);
      } else if (text.charAt(i + 1) == '$') {
        result.append('$');
        i++;
      } else if (text.charAt(i + 1) == '(' && text.indexOf(')', i) > 0) {
        int end = text.indexOf(')', i);
        String name = text.substring(i + 2, end);
        result.append(
            variables.containsKey(name) ? variables.get(name) : text.substring(i, end + 1));
        i = end;
      } else {
        result.append(c);
      }
    }
    return result.toString();
  }
}
