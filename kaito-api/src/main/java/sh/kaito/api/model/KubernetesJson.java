package sh.kaito.api.model;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.ToNumberPolicy;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.schema.KubernetesShapes;
import sh.kaito.api.internal.schema.Shape;
import sh.kaito.api.model.UnknownFields.Branch;
import sh.kaito.api.model.UnknownFields.Leaf;
import sh.kaito.api.model.UnknownFields.ListBranch;
import sh.kaito.api.model.UnknownFields.Rest;

/**
 * The Kubernetes client's model classes to and from plain trees ({@code Map}, {@code List}, {@code
 * String}, {@code Number}, {@code Boolean}, null), through a Gson of our own: the client's own one
 * refuses fields that it does not know, and changing it would change it for the whole process.
 */
final class KubernetesJson {

  /** Reads and writes plain trees; integers stay integers. */
  static final Gson PLAIN =
      new GsonBuilder()
          .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
          .serializeNulls()
          .disableHtmlEscaping()
          .create();

  private static final Gson MODELS =
      new GsonBuilder()
          .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
          .disableHtmlEscaping()
          .registerTypeAdapter(OffsetDateTime.class, new TimeAdapter().nullSafe())
          .registerTypeAdapter(byte[].class, new BytesAdapter().nullSafe())
          .registerTypeAdapterFactory(new NoEmptyCollections())
          .create();

  private KubernetesJson() {}

  /** A model object; empty where the tree does not fit its types at all. */
  static <T> Optional<T> read(@Nullable Object tree, Class<T> type) {
    if (!(tree instanceof Map<?, ?>)) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(MODELS.fromJson(toElement(tree), type));
    } catch (JsonParseException | IllegalArgumentException | DateTimeException e) {
      // Kept by the caller as a whole, like an unknown field: lenient reading never refuses
      // content.
      return Optional.empty();
    }
  }

  /**
   * A plain tree. Empty lists and maps are left out, because the model classes start with many of
   * them ({@code finalizers: []}); empty objects stay, because they mean something ({@code
   * emptyDir: {}}).
   */
  static Map<String, @Nullable Object> write(Object model) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    MODELS
        .toJsonTree(model)
        .getAsJsonObject()
        .asMap()
        .forEach((key, value) -> tree.put(key, fromElement(value)));
    return tree;
  }

  /** What of a tree the model class does not hold. */
  static @Nullable Rest unknownIn(@Nullable Object tree, Class<?> type) {
    return unknownIn(tree, KubernetesShapes.of(type));
  }

  private static @Nullable Rest unknownIn(@Nullable Object tree, Shape shape) {
    if (tree instanceof Map<?, ?> map) {
      if (!(shape instanceof Shape.Fields) && !(shape instanceof Shape.Entries)) {
        return null;
      }
      Map<String, Rest> children = new LinkedHashMap<>();
      map.forEach(
          (key, value) -> {
            String name = String.valueOf(key);
            Rest rest = unknownChild(value, childShape(shape, name));
            if (rest != null) {
              children.put(name, rest);
            }
          });
      return children.isEmpty() ? null : new Branch(children);
    }
    if (tree instanceof List<?> list && shape instanceof Shape.Items items) {
      Map<String, Rest> byElement = new LinkedHashMap<>();
      for (int i = 0; i < list.size(); i++) {
        Rest rest = unknownIn(list.get(i), items.element());
        if (rest != null) {
          byElement.put(UnknownFields.elementKey(list.get(i), i), rest);
        }
      }
      return byElement.isEmpty() ? null : new ListBranch(byElement);
    }
    return null;
  }

  private static @Nullable Rest unknownChild(@Nullable Object value, @Nullable Shape shape) {
    if (shape != null) {
      return unknownIn(value, shape);
    }
    return value == null ? null : Leaf.of(value);
  }

  private static @Nullable Shape childShape(Shape shape, String name) {
    if (shape instanceof Shape.Entries entries) {
      return entries.value();
    }
    Shape.Member member = ((Shape.Fields) shape).member(name);
    return member == null ? null : member.shape();
  }

  private static JsonElement toElement(@Nullable Object tree) {
    if (tree == null) {
      return JsonNull.INSTANCE;
    }
    if (tree instanceof Map<?, ?> map) {
      JsonObject object = new JsonObject();
      map.forEach((key, value) -> object.add(String.valueOf(key), toElement(value)));
      return object;
    }
    if (tree instanceof List<?> list) {
      JsonArray array = new JsonArray(list.size());
      list.forEach(value -> array.add(toElement(value)));
      return array;
    }
    if (tree instanceof Number number) {
      return new JsonPrimitive(number);
    }
    return tree instanceof Boolean bool
        ? new JsonPrimitive(bool)
        : new JsonPrimitive(String.valueOf(tree));
  }

  private static @Nullable Object fromElement(JsonElement element) {
    if (element.isJsonObject()) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      element.getAsJsonObject().asMap().forEach((key, value) -> map.put(key, fromElement(value)));
      return map;
    }
    if (element.isJsonArray()) {
      List<@Nullable Object> list = new ArrayList<>(element.getAsJsonArray().size());
      element.getAsJsonArray().forEach(value -> list.add(fromElement(value)));
      return list;
    }
    if (element.isJsonNull()) {
      return null;
    }
    JsonPrimitive primitive = element.getAsJsonPrimitive();
    if (primitive.isBoolean()) {
      return primitive.getAsBoolean();
    }
    return primitive.isNumber() ? primitive.getAsNumber() : primitive.getAsString();
  }

  /** Leaves out empty lists and maps of declared fields, see {@link #write}. */
  private static final class NoEmptyCollections implements TypeAdapterFactory {
    @Override
    public <T> @Nullable TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
      // Only the interfaces: inside free-form values ("fieldsV1") Gson meets concrete maps, whose
      // emptiness means something.
      if (type.getRawType() != List.class && type.getRawType() != Map.class) {
        return null;
      }
      TypeAdapter<T> delegate = gson.getDelegateAdapter(this, type);
      return new TypeAdapter<>() {
        @Override
        public void write(JsonWriter out, T value) throws IOException {
          boolean empty =
              (value instanceof Collection<?> list && list.isEmpty())
                  || (value instanceof Map<?, ?> map && map.isEmpty());
          if (empty) {
            out.nullValue();
          } else {
            delegate.write(out, value);
          }
        }

        @Override
        public T read(JsonReader in) throws IOException {
          return delegate.read(in);
        }
      };
    }
  }

  private static final class TimeAdapter extends TypeAdapter<OffsetDateTime> {
    @Override
    public void write(JsonWriter out, OffsetDateTime value) throws IOException {
      out.value(DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(value));
    }

    @Override
    public OffsetDateTime read(JsonReader in) throws IOException {
      return OffsetDateTime.parse(in.nextString(), DateTimeFormatter.ISO_OFFSET_DATE_TIME);
    }
  }

  private static final class BytesAdapter extends TypeAdapter<byte[]> {
    @Override
    public void write(JsonWriter out, byte[] value) throws IOException {
      out.value(Base64.getEncoder().encodeToString(value));
    }

    @Override
    public byte[] read(JsonReader in) throws IOException {
      if (in.peek() != JsonToken.STRING) {
        throw new JsonParseException("base 64 text expected at " + in.getPath());
      }
      return Base64.getDecoder().decode(in.nextString());
    }
  }
}
