package sh.kaito.api.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.yaml.YamlWriter;

/** Reads and writes {@link Workspace}s. All methods are thread-safe. */
public final class Workspaces {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Workspaces() {}

  /**
   * Reads what an API server sent: unknown fields are kept, wrong types too, and nothing is
   * checked. For what people write use {@code read}.
   *
   * @throws IllegalArgumentException if the text is no JSON, or no Workspace of a known version
   */
  public static Workspace fromJson(String json) {
    try {
      return WorkspaceCodec.readWorkspace(JSON.readValue(json, Map.class));
    } catch (JsonProcessingException e) {
      throw notJson(e);
    }
  }

  /**
   * Reads what an API server sent, in UTF-8.
   *
   * @see #fromJson(String)
   * @throws IllegalArgumentException if the bytes are no JSON, or no Workspace of a known version
   */
  public static Workspace fromJson(byte[] json) {
    try {
      return WorkspaceCodec.readWorkspace(JSON.readValue(json, Map.class));
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  /**
   * Reads a list answer of an API server, in UTF-8.
   *
   * @see #fromJson(String)
   * @throws IllegalArgumentException if the bytes are no JSON, or no WorkspaceList of a known
   *     version
   */
  public static WorkspaceList listFromJson(byte[] json) {
    try {
      return WorkspaceCodec.readList(JSON.readValue(json, Map.class));
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  /** JSON without line breaks, unknown fields included; what is absent or empty is left out. */
  public static String toJson(Workspace workspace) {
    return json(WorkspaceCodec.write(workspace));
  }

  /** One YAML document without leading {@code ---}, in the order in which people write it. */
  public static String toYaml(Workspace workspace) {
    return YamlWriter.write(WorkspaceCodec.write(workspace));
  }

  private static String json(Map<String, @Nullable Object> tree) {
    try {
      return JSON.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A plain tree always has a JSON form", e);
    }
  }

  private static IllegalArgumentException notJson(IOException e) {
    // Jackson's text would quote the source; that may hold secrets.
    String where =
        e instanceof JsonProcessingException json && json.getLocation() != null
            ? " at line "
                + json.getLocation().getLineNr()
                + ", column "
                + json.getLocation().getColumnNr()
            : "";
    return new IllegalArgumentException("Not a JSON object" + where);
  }
}
