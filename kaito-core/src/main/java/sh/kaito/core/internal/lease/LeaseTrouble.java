package sh.kaito.core.internal.lease;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Stages;

/**
 * What keeps a process from taking part in an election. Pure.
 *
 * @param kind equal for the same state of things, whatever the words of single answers
 * @param text what is wrong and what to do, to follow "lease NAMESPACE/NAME"
 */
record LeaseTrouble(String kind, String text) {
  static final LeaseTrouble NONE = new LeaseTrouble("", "");

  boolean isNone() {
    return kind.isEmpty();
  }

  /**
   * A request that did not work.
   *
   * @param verb {@code read} or {@code written}
   * @param result null when there was no answer
   */
  static LeaseTrouble of(
      ObjectKey key, String verb, @Nullable KubeResult result, @Nullable Throwable error) {
    String cannot = "cannot be " + verb;
    if (result == null) {
      String why =
          error == null ? "no reason given" : String.valueOf(Stages.cause(error).getMessage());
      return new LeaseTrouble(
          "unanswered", cannot + ": " + why + "; look whether the API server can be reached");
    }
    if (result.isNotFound() && details(result).path("kind").asText().equals("namespaces")) {
      return new LeaseTrouble(
          "namespace",
          "cannot be created, because namespace \""
              + key.namespace()
              + "\" does not exist; create it: kubectl create namespace "
              + key.namespace());
    }
    if (isTerminating(result)) {
      return new LeaseTrouble(
          "terminating",
          "cannot be created, because namespace \""
              + key.namespace()
              + "\" is being deleted; wait until it is gone and create it again, or elect in"
              + " another namespace");
    }
    if (result.isForbidden()) {
      return new LeaseTrouble(
          "forbidden",
          cannot
              + ": "
              + result
              + "; give this process the Role that KaitoRbac.leaderElection(...) describes");
    }
    return new LeaseTrouble("refused " + result.status(), cannot + ": " + result);
  }

  private static boolean isTerminating(KubeResult result) {
    for (JsonNode cause : details(result).path("causes")) {
      if (cause.path("reason").asText().equals("NamespaceTerminating")) {
        return true;
      }
    }
    return false;
  }

  private static JsonNode details(KubeResult result) {
    return result.body().path("details");
  }
}
