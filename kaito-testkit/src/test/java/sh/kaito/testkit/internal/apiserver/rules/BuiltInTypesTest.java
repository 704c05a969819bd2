package sh.kaito.testkit.internal.apiserver.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.testkit.internal.apiserver.rules.Server.body;
import static sh.kaito.testkit.internal.apiserver.rules.Server.causes;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.json.Json;

/** Built-in types: defaults, refusals and warnings. */
class BuiltInTypesTest {
  private static final String POD_SPEC = "{\"containers\":[{\"name\":\"c\",\"image\":\"i:1\"}]}";

  private final Server server = new Server();

  @AfterEach
  void close() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /apis/apps/v1/namespaces/default/daemonsets       | "selector":{"matchLabels":{"a":"b"}},"template":T | spec.updateStrategy.rollingUpdate.maxUnavailable | 1
          /apis/apps/v1/namespaces/default/daemonsets       | "selector":{"matchLabels":{"a":"b"}},"template":T | metadata.annotations.deprecated~daemonset~template~generation | "1"
          /apis/apps/v1/namespaces/default/replicasets      | "selector":{"matchLabels":{"a":"b"}},"template":T | spec.replicas | 1
          /apis/apps/v1/namespaces/default/statefulsets     | "selector":{"matchLabels":{"a":"b"}},"template":T | spec.persistentVolumeClaimRetentionPolicy.whenDeleted | "Retain"
          /apis/batch/v1/namespaces/default/cronjobs        | "schedule":"* * * * *","jobTemplate":{"spec":{"template":N}} | spec.concurrencyPolicy | "Allow"
          /api/v1/namespaces/default/replicationcontrollers | "template":T | spec.selector | {"a":"b"}
          /api/v1/persistentvolumes                         | "capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"} | status.phase | "Pending"
          /api/v1/persistentvolumes                         | "capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"} | metadata.finalizers | ["kubernetes.io/pv-protection"]
          /apis/networking.k8s.io/v1/namespaces/default/networkpolicies | "podSelector":{},"egress":[{}] | spec.policyTypes | ["Ingress","Egress"]
          /apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers | "maxReplicas":2,"scaleTargetRef":{"kind":"Deployment","name":"d"} | spec.minReplicas | 1
          """)
  void defaultsAreThoseOfTheRealServer(String path, String spec, String field, String value) {
    String template = "{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":" + POD_SPEC + "}";
    String job = template.replace("\"spec\":{", "\"spec\":{\"restartPolicy\":\"Never\",");
    String body =
        "{\"metadata\":{\"name\":\"x\"},\"spec\":{"
            + spec.replace(":T", ":" + template).replace(":N", ":" + job)
            + "}}";
    Object created = server.created(path, body);
    String[] keys = field.split("\\.", -1);
    keys[keys.length - 1] = keys[keys.length - 1].replace('~', '.');
    assertThat(Json.writeString(Json.get(created, keys))).as(field).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /api/v1/namespaces/default/pods | {"spec":{"containers":[{"name":"c","image":"i"},{"name":"c","image":"i"}]}} | spec.containers[1].name: Duplicate value: "c"
          /api/v1/namespaces/default/pods | {"spec":{"containers":[{"name":"c","image":"i","imagePullPolicy":"No"}]}} | spec.containers[0].imagePullPolicy: Unsupported value: "No": supported values: "Always", "IfNotPresent", "Never"
          /api/v1/namespaces/default/pods | {"spec":{"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"v","mountPath":"/x"}]}]}} | spec.containers[0].volumeMounts[0].name: Not found: "v"
          /api/v1/namespaces/default/pods | {"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"2"},"limits":{"cpu":"1"}}}]}} | spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1
          /api/v1/namespaces/default/pods | {"spec":{"containers":[{"name":"c","image":"i","livenessProbe":{}}]}} | spec.containers[0].livenessProbe: Required value: must specify a handler type
          /api/v1/namespaces/default/pods | {"spec":{"containers":[{"name":"c","image":"i"}],"restartPolicy":"No"}} | spec.restartPolicy: Unsupported value: "No": supported values: "Always", "Never", "OnFailure"
          /api/v1/persistentvolumes | {"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"]}} | spec: Required value: must specify a volume type
          /apis/storage.k8s.io/v1/storageclasses | {} | provisioner: Required value
          /apis/scheduling.k8s.io/v1/priorityclasses | {"value":2000000000} | value: Forbidden: maximum allowed value of a user defined priority is 1000000000
          /apis/rbac.authorization.k8s.io/v1/namespaces/default/roles | {"rules":[{"apiGroups":[""],"resources":["pods"]}]} | rules[0].verbs: Required value: verbs must contain at least one value
          /apis/coordination.k8s.io/v1/namespaces/default/leases | {"spec":{"leaseDurationSeconds":0}} | spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0
          /apis/policy/v1/namespaces/default/poddisruptionbudgets | {"spec":{"minAvailable":-1}} | spec.minAvailable: Invalid value: -1: must be greater than or equal to 0
          """)
  void whatIsWrongIsToldInTheRealServersWords(String path, String body, String cause) {
    KubeResponse refused =
        server.post(
            path, body.replaceFirst("\\{", "{\"metadata\":{\"name\":\"x\"},").replace(",}", "}"));
    assertThat(refused.status()).as(refused.bodyText()).isEqualTo(422);
    assertThat(causes(refused)).containsExactly(cause);
  }

  @Test
  void aRoleBindingKeepsItsRole() {
    String path = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings";
    server.created(
        path, "{\"metadata\":{\"name\":\"x\"},\"roleRef\":{\"kind\":\"Role\",\"name\":\"one\"}}");
    assertThat(causes(server.merge(path + "/x", "{\"roleRef\":{\"name\":\"two\"}}")))
        .containsExactly(
            "roleRef: Invalid value:"
                + " {\"APIGroup\":\"rbac.authorization.k8s.io\",\"Kind\":\"Role\",\"Name\":\"two\"}:"
                + " cannot change roleRef");
  }

  @Test
  void eventsOfBothGroupsAreTheSameObjects() {
    server.created(
        "/api/v1/namespaces/default/events",
        """
        {"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p","namespace":"default"},
         "reason":"R","message":"m","type":"Normal","source":{"component":"c"},"count":2}""");
    Object event = body(server.get("/apis/events.k8s.io/v1/namespaces/default/events/e"));
    assertThat(Json.text(event, "note")).isEqualTo("m");
    assertThat(Json.text(event, "regarding", "name")).isEqualTo("p");
    assertThat(Json.integer(event, 0, "deprecatedCount")).isEqualTo(2);
    assertThat(Json.text(event, "deprecatedSource", "component")).isEqualTo("c");
  }

  @Test
  void aNameThatHidesAnotherIsWarnedOf() {
    KubeResponse created =
        server.post(
            "/api/v1/namespaces/default/pods",
            """
            {"metadata":{"name":"a.b"},"spec":{"containers":[{"name":"c","image":"i",
             "env":[{"name":"A","value":"1"},{"name":"A","value":"2"}]}]}}""");
    assertThat(created.status()).as(created.bodyText()).isEqualTo(201);
    assertThat(warnings(created))
        .containsExactly(
            "299 - \"metadata.name: this is used in the Pod's hostname, which can result in"
                + " surprising behavior; a DNS label is recommended: [must not contain dots]\"",
            "299 - \"spec.containers[0].env[1]: hides previous definition of \\\"A\\\", which may"
                + " be dropped when using apply\"");
  }

  private static List<String> warnings(KubeResponse answer) {
    return answer.headers().entrySet().stream()
        .filter(header -> header.getKey().equalsIgnoreCase("Warning"))
        .flatMap(header -> header.getValue().stream())
        .toList();
  }

  @Test
  void aPodHasThePriorityOfItsClass() {
    server.created(
        "/apis/scheduling.k8s.io/v1/priorityclasses",
        "{\"metadata\":{\"name\":\"high\"},\"value\":7,\"preemptionPolicy\":\"Never\"}");
    String pods = "/api/v1/namespaces/default/pods";
    String pod = "{\"metadata\":{\"name\":\"p\"},\"spec\":" + POD_SPEC + "}";
    Object created =
        server.created(
            pods, pod.replace("\"spec\":{", "\"spec\":{\"priorityClassName\":\"high\","));
    assertThat(Json.integer(created, 0, "spec", "priority")).isEqualTo(7);
    assertThat(Json.text(created, "spec", "preemptionPolicy")).isEqualTo("Never");
    KubeResponse refused =
        server.post(pods, pod.replace("\"spec\":{", "\"spec\":{\"priorityClassName\":\"low\","));
    assertThat(Server.message(refused))
        .isEqualTo("pods \"p\" is forbidden: no PriorityClass with name low was found");
  }

  @Test
  void eventsAreSelectedByTheNamesOfTheirGroup() {
    server.created(
        "/api/v1/namespaces/default/events",
        """
        {"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p","namespace":"default"},
         "reason":"R","type":"Normal"}""");
    String events = "/apis/events.k8s.io/v1/namespaces/default/events?fieldSelector=";
    assertThat(Json.list(body(server.get(events + "regarding.name%3Dp")), "items")).hasSize(1);
    assertThat(Json.list(body(server.get(events + "regarding.name%3Dq")), "items")).isEmpty();
    assertThat(server.get(events + "involvedObject.name%3Dp").status()).isEqualTo(400);
  }

  @Test
  void podsOfAJobStayUnlessTheClientSaysOtherwise() {
    String jobs = "/apis/batch/v1/namespaces/default/jobs";
    String job =
        """
        {"metadata":{"name":"j"},"spec":{"template":{"spec":{"restartPolicy":"Never",
         "containers":[{"name":"c","image":"i"}]}}}}""";
    server.created(jobs, job);
    KubeResponse deleted =
        server.send(KubeRequest.delete(jobs + "/j?propagationPolicy=Background"));
    assertThat(warnings(deleted)).isEmpty();
    server.created(jobs, job);
    assertThat(warnings(server.send(KubeRequest.delete(jobs + "/j"))))
        .singleElement()
        .asString()
        .contains("child pods are preserved by default when jobs are deleted");
  }

  @Test
  void aNamespaceLosesItsFinalizerByTheFinalizeSubresource() {
    server.created("/api/v1/namespaces", "{\"metadata\":{\"name\":\"n\"}}");
    KubeResponse written =
        server.put(
            "/api/v1/namespaces/n/finalize",
            "{\"metadata\":{\"name\":\"n\"},\"spec\":{\"finalizers\":[\"tr.io/mine\"]}}");
    assertThat(Json.list(body(written), "spec", "finalizers")).containsExactly("tr.io/mine");
    KubeResponse put =
        server.put("/api/v1/namespaces/n", "{\"metadata\":{\"name\":\"n\"},\"spec\":{}}");
    assertThat(Json.list(body(put), "spec", "finalizers")).containsExactly("tr.io/mine");
  }

  @Test
  void logsAreThoseOfTheContainerThatIsMeant() {
    String pods = "/api/v1/namespaces/default/pods";
    server.created(
        pods,
        """
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"i"},
         {"name":"b","image":"i"}]}}""");
    assertThat(Server.message(server.get(pods + "/p/log")))
        .isEqualTo("a container name must be specified for pod p, choose one of: [a b]");
    assertThat(Server.message(server.get(pods + "/p/log?container=z")))
        .isEqualTo("container z is not valid for pod p");
    KubeResponse log = server.get(pods + "/p/log?container=a");
    assertThat(log.status()).isEqualTo(200);
    assertThat(log.bodyText()).as("a pod without node has said nothing").isEmpty();
    assertThat(Server.message(server.get(pods + "/p/exec?container=a&command=ls")))
        .isEqualTo("pod p does not have a host assigned");
  }

  @Test
  void aTokenIsMadeForAServiceAccount() {
    String accounts = "/api/v1/namespaces/default/serviceaccounts";
    server.created(accounts, "{\"metadata\":{\"name\":\"sa\"}}");
    Object answer = server.created(accounts + "/sa/token", "{\"spec\":{}}");
    assertThat(Json.text(answer, "status", "token").split("\\.", -1)).hasSize(3);
    assertThat(Json.integer(answer, 0, "spec", "expirationSeconds")).isEqualTo(3600);
    assertThat(causes(server.post(accounts + "/sa/token", "{\"spec\":{\"expirationSeconds\":5}}")))
        .containsExactly(
            "spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 10"
                + " minutes");
  }
}
