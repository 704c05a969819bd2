package sh.kaito.testkit.internal.sim.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import sh.kaito.api.kube.KubeResponse;

/**
 * A request body that the server's validation refuses: status 422 in FastAPI's own form, 400 in
 * vLLM's.
 */
final class InvalidBody extends Exception {
  private static final long serialVersionUID = 1L;

  private final String type;
  private final transient List<Object> location;

  /**
   * @param location where, outermost first: names and zero-based indices
   */
  InvalidBody(String type, String message, List<Object> location) {
    super(message, null, false, false);
    this.type = type;
    this.location = location;
  }

  /** FastAPI: {@code {"detail": [{"type", "loc", "msg"}]}}. */
  KubeResponse fastApi() {
    ObjectNode error = Answers.object().put("type", type);
    ArrayNode loc = error.putArray("loc");
    for (Object step : location) {
      if (step instanceof Integer index) {
        loc.add(index);
      } else {
        loc.add(step.toString());
      }
    }
    error.put("msg", getMessage());
    ObjectNode body = Answers.object();
    body.putArray("detail").add(error);
    return Answers.json(422, body);
  }

  /** vLLM: an OpenAI error of type BadRequestError. */
  KubeResponse openAi() {
    StringBuilder where = new StringBuilder();
    for (Object step : location) {
      where.append(where.length() == 0 ? "" : ".").append(step);
    }
    return Answers.openAiError(
        400, "BadRequestError", where + ": " + getMessage(), Answers.NODES.nullNode());
  }
}
