package sh.kaito.testkit.internal.apiserver;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.apiserver.watch.EventStream;

/** What the handlers give to a front end. */
public sealed interface Answer {

  /** A whole answer. */
  record Whole(KubeResponse response) implements Answer {}

  /** A stream of events under status 200. */
  record Stream(EventStream stream, Map<String, List<String>> headers) implements Answer {}

  /** A whole answer that somebody else is still working on. */
  record Later(CompletionStage<KubeResponse> response) implements Answer {}
}
