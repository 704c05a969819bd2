package sh.kaito.testkit.internal.apiserver.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.kubernetes.client.proto.Runtime;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.BuiltInSchema;

/**
 * Reads bodies in Kubernetes' protobuf envelope: four bytes {@code k8s\0}, then a {@code
 * runtime.Unknown} with apiVersion, kind and the encoded object. {@code kubectl} and controllers
 * with generated clients send built-in types so. They are turned into the JSON that the same client
 * would have sent, so that nothing behind this knows the difference.
 */
public final class ProtobufBody {
  private static final String MEDIA_TYPE = "application/vnd.kubernetes.protobuf";
  private static final byte[] PREFIX = {'k', '8', 's', 0};
  private static final Descriptor UNKNOWN =
      Runtime.getDescriptor().findMessageTypeByName("Unknown");

  private ProtobufBody() {}

  /** Whether a request has a protobuf body. */
  public static boolean isIn(KubeRequest request) {
    Optional<String> type = request.header("Content-Type");
    return request.body().length > 0
        && type.isPresent()
        && type.get().split(";", 2)[0].trim().equalsIgnoreCase(MEDIA_TYPE);
  }

  /**
   * The same request with a JSON body.
   *
   * @param kind kind that is expected, for messages
   * @throws ApiFailure 400 when the body is none
   */
  public static KubeRequest toJson(KubeRequest request, String kind) {
    byte[] body = request.body();
    if (body.length < PREFIX.length || !Arrays.equals(Arrays.copyOf(body, 4), PREFIX)) {
      throw unrecognized(
          kind,
          "provided data does not appear to be a protobuf message, expected prefix "
              + Arrays.toString(PREFIX).replace(",", ""),
          body);
    }
    try {
      // Never the generated classes: their parsers predate the fix of GHSA-h4h5-3hr4-j3g2.
      Message envelope =
          DynamicMessage.parseFrom(
              UNKNOWN, ByteString.copyFrom(body, PREFIX.length, body.length - PREFIX.length));
      Message meta = (Message) envelope.getField(field(UNKNOWN, "typeMeta"));
      String apiVersion = text(meta, "apiVersion");
      String sentKind = text(meta, "kind");
      ByteString raw = (ByteString) envelope.getField(field(UNKNOWN, "raw"));
      Map<String, Object> object = Json.objectOf("kind", sentKind, "apiVersion", apiVersion);
      object.putAll(fields(apiVersion, sentKind, raw));
      return request.toBuilder().body("application/json", Json.write(object)).build();
    } catch (InvalidProtocolBufferException e) {
      throw unrecognized(kind, "proto: " + e.getMessage(), body);
    }
  }

  private static FieldDescriptor field(Descriptor descriptor, String name) {
    return Objects.requireNonNull(descriptor.findFieldByName(name), name);
  }

  private static String text(Message message, String name) {
    return String.valueOf(message.getField(field(message.getDescriptorForType(), name)));
  }

  private static Map<String, Object> fields(String apiVersion, String kind, ByteString raw)
      throws InvalidProtocolBufferException {
    Descriptor descriptor = Messages.of(apiVersion, kind);
    if (descriptor == null) {
      // Whoever reads the object complains of its kind.
      return Json.newObject();
    }
    int slash = apiVersion.indexOf('/');
    BuiltInSchema schema =
        BuiltInSchema.of(
            slash < 0 ? "" : apiVersion.substring(0, slash), apiVersion.substring(slash + 1), kind);
    return MessageReader.object(
        DynamicMessage.parseFrom(descriptor, raw), schema == null ? null : schema.type());
  }

  private static ApiFailure unrecognized(String kind, String why, byte[] body) {
    int shown = Math.min(body.length, 30);
    return ApiFailure.badRequest(
        "the object provided is unrecognized (must be of type "
            + kind
            + "): "
            + why
            + " ("
            + HexFormat.of().formatHex(body, 0, shown)
            + (shown < body.length ? " ..." : "")
            + ")");
  }
}
