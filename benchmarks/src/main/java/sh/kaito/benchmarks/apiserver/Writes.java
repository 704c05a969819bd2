package sh.kaito.benchmarks.apiserver;

import java.nio.charset.StandardCharsets;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.PatchType;

/**
 * The small writes that are counted: of each four one creates a ConfigMap, two change it by a merge
 * patch, one deletes it. A ConfigMap has one label and one entry of data.
 */
final class Writes {
  private static final String PATH = "/api/v1/namespaces/default/configmaps";
  private static final String MANAGER = "?fieldManager=benchmark";

  private Writes() {}

  static KubeRequest number(String worker, long n) {
    String name = worker + "-" + n / 4;
    return switch ((int) (n % 4)) {
      case 0 ->
          KubeRequest.post(
                  PATH + MANAGER,
                  bytes(
                      "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\""
                          + name
                          + "\",\"labels\":{\"app\":\"benchmark\"}},\"data\":{\"key\":\"value\"}}"))
              .build();
      case 1, 2 ->
          KubeRequest.patch(
                  PATH + "/" + name + MANAGER,
                  PatchType.MERGE,
                  bytes("{\"data\":{\"key\":\"value-" + n + "\"}}"))
              .build();
      default -> KubeRequest.delete(PATH + "/" + name).build();
    };
  }

  /** A ConfigMap that stays. */
  static KubeRequest create(long n) {
    return KubeRequest.post(
            PATH + MANAGER,
            bytes(
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"held-"
                    + n
                    + "\",\"labels\":{\"app\":\"benchmark\"}},\"data\":{\"key\":\"value\"}}"))
        .build();
  }

  static KubeRequest watch() {
    return KubeRequest.get(PATH + "?watch=true&resourceVersion=0&timeoutSeconds=3600").build();
  }

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
