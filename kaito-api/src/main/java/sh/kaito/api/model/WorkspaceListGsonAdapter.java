package sh.kaito.api.model;

import com.google.gson.JsonParseException;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.Map;

/** Lets any Gson read and write a {@link WorkspaceList}. Gson wraps it null-safe. */
final class WorkspaceListGsonAdapter extends TypeAdapter<WorkspaceList> {

  @Override
  public void write(JsonWriter out, WorkspaceList value) throws IOException {
    KubernetesJson.PLAIN.toJson(WorkspaceCodec.write(value), Map.class, out);
  }

  @Override
  public WorkspaceList read(JsonReader in) throws IOException {
    try {
      return WorkspaceCodec.readList(KubernetesJson.PLAIN.getAdapter(Object.class).read(in));
    } catch (IllegalArgumentException e) {
      throw new JsonParseException(e.getMessage(), e);
    }
  }
}
