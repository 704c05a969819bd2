package sh.kaito.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.core.internal.kube.KubeJson;

/** What {@code kubectl get} prints: the server's own Table, in columns. */
public final class Tables {
  private static final String ACCEPT = "application/json;as=Table;v=v1;g=meta.k8s.io";
  private static final int GAP = 3;

  private Tables() {}

  /**
   * Asks the server for a list as Table and lays it out as kubectl does, without the columns of
   * {@code -o wide}.
   *
   * @param path of a list, such as {@code /api/v1/namespaces/default/services}
   * @return lines, each ended by a line feed; {@code No resources found} when there is nothing
   */
  public static CompletionStage<String> get(KubeTransport transport, String path) {
    return transport
        .exchange(KubeRequest.get(path).header("Accept", ACCEPT).build())
        .thenApply(
            answer -> {
              if (!answer.isSuccess()) {
                throw new IllegalStateException(
                    "GET " + path + " was answered " + answer.status() + ": " + answer.bodyText());
              }
              try {
                return layOut(KubeJson.read(answer.body()));
              } catch (KubeJson.MalformedJsonException e) {
                throw new IllegalStateException("GET " + path + " was not answered in JSON", e);
              }
            });
  }

  private static String layOut(JsonNode table) {
    List<Integer> shown = new ArrayList<>();
    List<List<String>> lines = new ArrayList<>();
    List<String> header = new ArrayList<>();
    JsonNode columns = table.path("columnDefinitions");
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).path("priority").asInt() == 0) {
        shown.add(i);
        header.add(columns.get(i).path("name").asText().toUpperCase(Locale.ROOT));
      }
    }
    lines.add(header);
    for (JsonNode row : table.path("rows")) {
      List<String> line = new ArrayList<>();
      for (int column : shown) {
        JsonNode cell = row.path("cells").path(column);
        line.add(cell.isNull() || cell.isMissingNode() ? "" : cell.asText());
      }
      lines.add(line);
    }
    return lines.size() == 1 ? "No resources found\n" : align(lines);
  }

  private static String align(List<List<String>> lines) {
    int columns = lines.get(0).size();
    int[] width = new int[columns];
    for (List<String> line : lines) {
      for (int i = 0; i < columns; i++) {
        width[i] = Math.max(width[i], line.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder one = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        one.append(line.get(i)).append(" ".repeat(width[i] - line.get(i).length() + GAP));
      }
      text.append(one.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
