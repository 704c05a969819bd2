package sh.kaito.api.model;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import java.io.IOException;
import java.util.Map;

/** Lets any Jackson mapper read and write a {@link Workspace} and a {@link WorkspaceList}. */
final class WorkspaceJackson {

  private WorkspaceJackson() {}

  static final class Serializer extends JsonSerializer<Workspace> {
    @Override
    public void serialize(Workspace value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      provider.defaultSerializeValue(WorkspaceCodec.write(value), out);
    }
  }

  static final class Deserializer extends JsonDeserializer<Workspace> {
    @Override
    public Workspace deserialize(JsonParser in, DeserializationContext context) throws IOException {
      Object tree = context.readValue(in, Map.class);
      try {
        return WorkspaceCodec.readWorkspace(tree);
      } catch (IllegalArgumentException e) {
        throw JsonMappingException.from(in, String.valueOf(e.getMessage()), e);
      }
    }
  }

  static final class ListSerializer extends JsonSerializer<WorkspaceList> {
    @Override
    public void serialize(WorkspaceList value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      provider.defaultSerializeValue(WorkspaceCodec.write(value), out);
    }
  }

  static final class ListDeserializer extends JsonDeserializer<WorkspaceList> {
    @Override
    public WorkspaceList deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      Object tree = context.readValue(in, Map.class);
      try {
        return WorkspaceCodec.readList(tree);
      } catch (IllegalArgumentException e) {
        throw JsonMappingException.from(in, String.valueOf(e.getMessage()), e);
      }
    }
  }
}
