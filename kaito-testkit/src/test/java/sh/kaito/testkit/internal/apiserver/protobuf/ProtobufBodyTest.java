package sh.kaito.testkit.internal.apiserver.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.TextFormat;
import io.kubernetes.client.proto.Runtime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.json.Json;

/** Protobuf bodies become the JSON that the same client would have sent. */
class ProtobufBodyTest {
  private static byte[] enveloped(String apiVersion, String kind, String text) throws IOException {
    DynamicMessage.Builder message =
        DynamicMessage.newBuilder(Objects.requireNonNull(Messages.of(apiVersion, kind)));
    TextFormat.merge(text, message);
    DynamicMessage.Builder envelope =
        DynamicMessage.newBuilder(Runtime.getDescriptor().findMessageTypeByName("Unknown"));
    TextFormat.merge(
        "typeMeta { apiVersion: '" + apiVersion + "' kind: '" + kind + "' }", envelope);
    envelope.setField(
        envelope.getDescriptorForType().findFieldByName("raw"), message.build().toByteString());
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(new byte[] {'k', '8', 's', 0});
    envelope.build().writeTo(body);
    return body.toByteArray();
  }

  private static KubeRequest request(byte[] body) {
    return KubeRequest.of("POST", "/api/v1/namespaces/default/pods")
        .body("application/vnd.kubernetes.protobuf", body)
        .build();
  }

  private static @Nullable Object json(String apiVersion, String kind, String text)
      throws IOException {
    KubeRequest request = request(enveloped(apiVersion, kind, text));
    assertThat(ProtobufBody.isIn(request)).isTrue();
    KubeRequest translated = ProtobufBody.toJson(request, kind);
    assertThat(translated.header("Content-Type")).contains("application/json");
    return Json.parse(translated.body());
  }

  @Test
  void valuesWithAFormOfTheirOwnAreWrittenInIt() throws IOException {
    Object pod =
        json(
            "v1",
            "Pod",
            """
            metadata {
              name: 'p' labels { key: 'a' value: 'b' }
              creationTimestamp { } deletionTimestamp { seconds: 1767225600 }
            }
            spec {
              containers {
                name: 'c'
                ports { containerPort: 80 }
                resources { limits { key: 'cpu' value { string: '500m' } } }
                livenessProbe { handler { httpGet { path: '/h' port { type: 1 strVal: 'web' } } } }
                env { name: 'E' valueFrom { configMapKeyRef {
                  localObjectReference { name: 'cm' } key: 'k' } } }
              }
              volumes { name: 'v' volumeSource { emptyDir { } } }
              terminationGracePeriodSeconds: 30
            }""");
    assertThat(Json.writeString(pod))
        .isEqualTo(
            Json.writeString(
                Json.parse(
                    """
                    {"kind":"Pod","apiVersion":"v1",
                     "metadata":{"name":"p","creationTimestamp":null,
                       "deletionTimestamp":"2026-01-01T00:00:00Z","labels":{"a":"b"}},
                     "spec":{"volumes":[{"name":"v","emptyDir":{}}],
                       "containers":[{"name":"c","ports":[{"containerPort":80}],
                         "env":[{"name":"E","valueFrom":{"configMapKeyRef":{"name":"cm","key":"k"}}}],
                         "resources":{"limits":{"cpu":"500m"}},
                         "livenessProbe":{"httpGet":{"path":"/h","port":"web"}}}],
                       "terminationGracePeriodSeconds":30}}"""
                        .getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void bytesMicroTimesAndNamedListsToo() throws IOException {
    assertThat(Json.text(json("v1", "Secret", "data { key: 'k' value: 'hi' }"), "data", "k"))
        .isEqualTo("aGk=");
    Object lease =
        json(
            "coordination.k8s.io/v1",
            "Lease",
            "spec { renewTime { seconds: 1767225600 nanos: 1500000 } leaseDurationSeconds: 15 }");
    assertThat(Json.text(lease, "spec", "renewTime")).isEqualTo("2026-01-01T00:00:00.001500Z");
    Object review =
        json(
            "authorization.k8s.io/v1",
            "SubjectAccessReview",
            "spec { user: 'u' extra { key: 'x' value { items: 'a' items: 'b' } } }");
    assertThat(Json.writeString(Json.get(review, "spec", "extra")))
        .isEqualTo("{\"x\":[\"a\",\"b\"]}");
  }

  @Test
  void rawJsonStaysJson() throws IOException {
    Object revision =
        json(
            "apps/v1",
            "ControllerRevision",
            "data { raw: '{\\\"spec\\\":{\\\"n\\\":1}}' } revision: 3");
    assertThat(Json.writeString(Json.get(revision, "data"))).isEqualTo("{\"spec\":{\"n\":1}}");
    assertThat(Json.integer(revision, 0, "revision")).isEqualTo(3);
  }

  @Test
  void whatIsNoMessageIsABadRequest() {
    byte[] text = "{\"kind\":\"Pod\"}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> ProtobufBody.toJson(request(text), "Pod"))
        .isInstanceOf(ApiFailure.class)
        .hasMessage(
            "the object provided is unrecognized (must be of type Pod): provided data does not"
                + " appear to be a protobuf message, expected prefix [107 56 115 0]"
                + " (7b226b696e64223a22506f64227d)");
    byte[] torn = ByteString.copyFrom(new byte[] {'k', '8', 's', 0, 0x0a, 0x7f, 1}).toByteArray();
    assertThatThrownBy(() -> ProtobufBody.toJson(request(torn), "Pod"))
        .as("an envelope that ends early")
        .isInstanceOf(ApiFailure.class)
        .hasMessageContaining("must be of type Pod");
  }
}
