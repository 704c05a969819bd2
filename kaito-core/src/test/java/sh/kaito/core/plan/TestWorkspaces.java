package sh.kaito.core.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.Workspaces;

/** Workspaces of test files. */
public final class TestWorkspaces {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TestWorkspaces() {}

  /** Text of a test resource. */
  public static String text(String resource) {
    try (InputStream in = TestWorkspaces.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("no test resource " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A workspace from YAML, as an API server without any validation would hand it over. */
  public static Workspace read(String yaml) {
    return of(new Load(LoadSettings.builder().build()).loadFromString(yaml));
  }

  /** {@code metadata.name} of any object. */
  public static String name(Object tree) {
    return tree instanceof Map<?, ?> object && object.get("metadata") instanceof Map<?, ?> metadata
        ? String.valueOf(metadata.get("name"))
        : "";
  }

  /** A workspace from a tree of maps and lists. */
  public static Workspace of(Object tree) {
    try {
      return Workspaces.fromJson(JSON.writeValueAsString(tree));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a JSON tree", e);
    }
  }
}
