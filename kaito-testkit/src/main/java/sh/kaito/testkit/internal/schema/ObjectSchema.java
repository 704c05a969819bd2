package sh.kaito.testkit.internal.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** What the server knows of one kind in one version. Immutable, safe from any thread. */
public sealed interface ObjectSchema permits BuiltInSchema, CustomSchema {

  /**
   * An object as the server holds it after reading.
   *
   * @param object the object; unknown fields are gone
   * @param problems unknown and repeated fields, for example {@code unknown field "spec.x"}: with
   *     field validation Strict the request is refused with {@code strict decoding error: } and
   *     these, joined by {@code ", "}; with Warn each is a warning
   */
  record Decoded(Map<String, @Nullable Object> object, List<String> problems) {}

  /**
   * Reads an object of this kind. Its apiVersion and kind have been checked.
   *
   * @throws DecodeException for a value of a wrong type; to be told as {@code KIND in version "V"
   *     cannot be handled as a KIND: } and the message
   */
  Decoded decode(Json.Parsed document) throws DecodeException;

  /** What an object of this kind is before it has content. */
  Map<String, @Nullable Object> empty();

  /** How server-side apply merges objects of this kind. */
  ApplyType applyType();
}
