package sh.kaito.api.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.internal.yaml.ManifestReader;
import sh.kaito.api.internal.yaml.YamlWriter;
import sh.kaito.api.validation.SourceLocation;
import sh.kaito.api.validation.Violation;

/**
 * Reads and writes {@link Workspace}s. All methods are thread-safe.
 *
 * <p>{@code read} and {@code readAll} are for what people write. They are strict: unknown and
 * misplaced fields, wrong types, unknown values, missing required fields and duplicate keys are
 * refused, inside pod templates and volumes too, and every problem is reported with file, line,
 * column, JSON path and what to do. They accept YAML and JSON, and mean by it what kubectl means,
 * which reads YAML 1.1: {@code defaultMode: 0644} is octal, and a label value {@code on} without
 * quotes is refused, since kubectl would send {@code true}. Limits: 1.5 MiB (the most that a
 * cluster stores in one object), 20,000 values, 1,000 documents, 64 levels; aliases and merge keys
 * are followed within these limits.
 *
 * <p>They check the form, not the sense: {@code WorkspaceRules.validateCreate} does that. The
 * Workspaces they return know where they came from, see {@link Workspace#source()}.
 *
 * <p>{@code fromJson} is for what an API server sent: it never refuses content.
 */
public final class Workspaces {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TEXT = "<text>";

  private Workspaces() {}

  /**
   * Reads the one Workspace of a file.
   *
   * @throws WorkspaceReadException if the file holds no valid Workspace, or anything besides it
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Workspace read(Path file) {
    return single(file.toString(), readAll(file));
  }

  /**
   * Reads the one Workspace of a text, which messages call {@code <text>}.
   *
   * @throws WorkspaceReadException if the text holds no valid Workspace, or anything besides it
   */
  public static Workspace read(String text) {
    return single(TEXT, readAll(text));
  }

  /**
   * Reads the one Workspace of a stream; the caller closes it.
   *
   * @param name what messages call the stream, such as {@code stdin}
   * @throws WorkspaceReadException if the stream holds no valid Workspace, or anything besides it
   * @throws UncheckedIOException if the stream cannot be read
   */
  public static Workspace read(InputStream in, String name) {
    return single(name, readAll(in, name));
  }

  /**
   * Reads all documents of a file, separated by {@code ---} or gathered in a {@code List}.
   * Workspaces are checked; documents of other kinds, such as the ConfigMap that a Workspace refers
   * to, are handed over as they are.
   *
   * @throws WorkspaceReadException if one of the Workspaces is not valid, or the text no YAML
   * @throws UncheckedIOException if the file cannot be read
   */
  public static WorkspaceManifests readAll(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return manifests(file.toString(), ManifestReader.read(file.toString(), in));
    } catch (IOException e) {
      throw unreadable(file.toString(), e);
    }
  }

  /**
   * Reads all documents of a text, which messages call {@code <text>}.
   *
   * @see #readAll(Path)
   * @throws WorkspaceReadException if one of the Workspaces is not valid, or the text no YAML
   */
  public static WorkspaceManifests readAll(String text) {
    return manifests(TEXT, ManifestReader.read(TEXT, text));
  }

  /**
   * Reads all documents of a stream; the caller closes it.
   *
   * @see #readAll(Path)
   * @param name what messages call the stream, such as {@code stdin}
   * @throws WorkspaceReadException if one of the Workspaces is not valid, or the text no YAML
   * @throws UncheckedIOException if the stream cannot be read
   */
  public static WorkspaceManifests readAll(InputStream in, String name) {
    try {
      return manifests(name, ManifestReader.read(name, in));
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

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

  private static WorkspaceManifests manifests(String name, ManifestReader.Result result) {
    if (!result.violations().isEmpty()) {
      throw new WorkspaceReadException(name, result.violations());
    }
    List<Workspace> workspaces = new ArrayList<>();
    List<ManifestDocument> others = new ArrayList<>();
    for (ManifestReader.Document document : result.documents()) {
      if (document.workspace()) {
        workspaces.add(
            WorkspaceCodec.readWorkspace(document.tree()).toBuilder()
                .source(document.source())
                .build());
      } else {
        others.add(new ManifestDocument(document.tree(), document.location()));
      }
    }
    return new WorkspaceManifests(workspaces, others);
  }

  private static Workspace single(String name, WorkspaceManifests manifests) {
    List<Violation> problems = new ArrayList<>();
    for (ManifestDocument other : manifests.others()) {
      problems.add(
          Violation.error(
                  "kind",
                  "expected a Workspace alone, found a document of kind " + Quoted.of(other.kind()))
              .found(Quoted.shorten(other.kind()))
              .addAllowed(KaitoApi.WORKSPACE_KIND)
              .action("read files of several documents with Workspaces.readAll")
              .location(other.location())
              .build());
    }
    for (Workspace extra : manifests.workspaces().stream().skip(1).toList()) {
      Violation.Builder problem =
          Violation.error("", "expected one Workspace, found another one")
              .action("read files of several documents with Workspaces.readAll");
      extra.source().ifPresent(source -> problem.location(source.locate("")));
      problems.add(problem.build());
    }
    if (problems.isEmpty() && manifests.workspaces().isEmpty()) {
      problems.add(
          Violation.error("", "no Workspace found; the text is empty")
              .action("begin with apiVersion: kaito.sh/v1beta1 and kind: Workspace")
              .location(new SourceLocation(name, 1, 1))
              .build());
    }
    if (!problems.isEmpty()) {
      throw new WorkspaceReadException(name, problems);
    }
    return manifests.workspaces().get(0);
  }

  private static UncheckedIOException unreadable(String name, IOException e) {
    String why =
        e instanceof NoSuchFileException
            ? "no such file"
            : e instanceof AccessDeniedException ? "access denied" : String.valueOf(e.getMessage());
    return new UncheckedIOException("Cannot read " + name + ": " + why, e);
  }

  static String json(Map<String, @Nullable Object> tree) {
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
