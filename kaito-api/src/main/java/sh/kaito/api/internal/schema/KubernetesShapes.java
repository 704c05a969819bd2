package sh.kaito.api.internal.schema;

import com.google.gson.annotations.SerializedName;
import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.custom.Quantity;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.schema.Shape.Entries;
import sh.kaito.api.internal.schema.Shape.Fields;
import sh.kaito.api.internal.schema.Shape.Free;
import sh.kaito.api.internal.schema.Shape.Items;
import sh.kaito.api.internal.schema.Shape.Kind;
import sh.kaito.api.internal.schema.Shape.Member;
import sh.kaito.api.internal.schema.Shape.Scalar;
import sh.kaito.api.model.ApiVersion;

/**
 * Shapes of the Kubernetes types that a Workspace embeds, read off the model classes of the
 * Kubernetes client: their fields carry the JSON name, and a static set names the required ones. So
 * the strict reader always knows exactly the fields that the model can hold.
 */
public final class KubernetesShapes {

  private static final Set<ApiVersion> ALL_VERSIONS = Set.of(ApiVersion.values());

  private static final ClassValue<Fields> SHAPES =
      new ClassValue<>() {
        @Override
        protected Fields computeValue(Class<?> type) {
          return new Fields(type.getSimpleName(), () -> membersOf(type));
        }
      };

  private KubernetesShapes() {}

  /** The shape of a model class such as {@code V1PodTemplateSpec}. */
  public static Fields of(Class<?> modelClass) {
    return SHAPES.get(modelClass);
  }

  /** The shape of a model class without one of its fields. */
  static Fields without(Class<?> modelClass, String name, String field) {
    return new Fields(
        name,
        () -> {
          Map<String, Member> members = new LinkedHashMap<>(of(modelClass).members());
          members.remove(field);
          return members;
        });
  }

  private static Map<String, Member> membersOf(Class<?> type) {
    Set<String> required = requiredOf(type);
    Map<String, Member> members = new LinkedHashMap<>();
    for (Field field : type.getDeclaredFields()) {
      SerializedName serialized = field.getAnnotation(SerializedName.class);
      if (serialized != null && !Modifier.isStatic(field.getModifiers())) {
        String name = serialized.value();
        Shape shape = KubernetesEnums.of(type, name);
        members.put(
            name,
            new KubernetesMember(
                name,
                shape == null ? shapeOf(field.getGenericType()) : shape,
                required.contains(name)));
      }
    }
    return members;
  }

  private static Set<String> requiredOf(Class<?> type) {
    try {
      Object value = type.getField("openapiRequiredFields").get(null);
      if (value instanceof Collection<?> names) {
        return Set.copyOf(names.stream().map(String::valueOf).toList());
      }
      return Set.of();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          type.getName() + " has no public static openapiRequiredFields; is it a model class?", e);
    }
  }

  private static Shape shapeOf(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == List.class) {
        return new Items(shapeOf(arguments[0]));
      }
      if (generic.getRawType() == Map.class) {
        return new Entries(shapeOf(arguments[1]));
      }
      return Free.INSTANCE;
    }
    if (!(type instanceof Class<?> plain)) {
      return Free.INSTANCE;
    }
    Kind kind = kindOf(plain);
    if (kind != null) {
      return Scalar.of(kind);
    }
    return plain.getName().startsWith("io.kubernetes.client.openapi.models.")
        ? of(plain)
        : Free.INSTANCE;
  }

  private static @Nullable Kind kindOf(Class<?> type) {
    if (type == String.class) {
      return Kind.STRING;
    }
    if (type == Integer.class || type == Long.class) {
      return Kind.INTEGER;
    }
    if (type == Double.class || type == Float.class) {
      return Kind.NUMBER;
    }
    if (type == Boolean.class) {
      return Kind.BOOLEAN;
    }
    if (type == Quantity.class) {
      return Kind.QUANTITY;
    }
    if (type == IntOrString.class) {
      return Kind.INT_OR_STRING;
    }
    if (type == OffsetDateTime.class) {
      return Kind.DATE_TIME;
    }
    return type == byte[].class ? Kind.BYTES : null;
  }

  private record KubernetesMember(String name, Shape shape, boolean required) implements Member {
    @Override
    public Set<ApiVersion> versions() {
      return ALL_VERSIONS;
    }
  }
}
