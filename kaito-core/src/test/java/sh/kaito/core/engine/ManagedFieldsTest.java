package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Fields of whoever made the object become those of our server-side apply. */
class ManagedFieldsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private static final String MAKER =
      """
      {'manager':'any-name','operation':'Update','apiVersion':'apps/v1','fieldsType':'FieldsV1',
       'time':'2026-11-22T05:08:06Z','fieldsV1':{
        'f:metadata':{'f:ownerReferences':{'.':{},'k:{\\'uid\\':\\'u1\\'}':{}}},
        'f:spec':{'f:replicas':{},'f:template':{'f:spec':{'f:hostname':{}}}}}}
      """
          .replace("\\'", "\\\"");

  private static JsonNode metadata(String... entries) {
    return json("{'managedFields':[" + String.join(",", entries) + "]}");
  }

  @Test
  void allUpdatesOfTheMakerAreOneApplyOfOurs() {
    String later =
        "{'manager':'any-name','operation':'Update','apiVersion':'apps/v1','fieldsType':'FieldsV1',"
            + "'fieldsV1':{'f:spec':{'f:template':{'f:spec':{'f:volumes':{}}}}}}";
    JsonNode fields = ManagedFields.transfer(metadata(MAKER, later), "u1").orElseThrow();
    assertThat(fields).hasSize(1);
    assertThat(fields.get(0).path("manager").asText()).isEqualTo("kaito-java");
    assertThat(fields.get(0).path("operation").asText()).isEqualTo("Apply");
    assertThat(fields.get(0).at("/fieldsV1/f:spec"))
        .isEqualTo(
            json("{'f:replicas':{},'f:template':{'f:spec':{'f:hostname':{},'f:volumes':{}}}}"));
  }

  @Test
  void whatOthersOwnStaysTheirs() {
    String status =
        "{'manager':'any-name','operation':'Update','apiVersion':'apps/v1','subresource':'status',"
            + "'fieldsType':'FieldsV1','fieldsV1':{'f:status':{}}}";
    String person =
        "{'manager':'kubectl-edit','operation':'Update','apiVersion':'apps/v1',"
            + "'fieldsType':'FieldsV1','fieldsV1':{'f:spec':{'f:paused':{}}}}";
    String apply =
        "{'manager':'argocd','operation':'Apply','apiVersion':'apps/v1',"
            + "'fieldsType':'FieldsV1','fieldsV1':{'f:metadata':{'f:labels':{'f:a':{}}}}}";
    JsonNode fields =
        ManagedFields.transfer(metadata(status, MAKER, person, apply), "u1").orElseThrow();
    assertThat(fields).hasSize(4).contains(json(status), json(person), json(apply));
  }

  @Test
  void withoutAMakerNothingIsTransferred() {
    assertThat(ManagedFields.transfer(metadata(MAKER), "another")).isEqualTo(Optional.empty());
    assertThat(ManagedFields.transfer(json("{}"), "u1")).isEqualTo(Optional.empty());
  }

  @Test
  void doneTwiceIsDoneOnce() {
    JsonNode once = ManagedFields.transfer(metadata(MAKER), "u1").orElseThrow();
    assertThat(ManagedFields.transfer(json("{'managedFields':" + once + "}"), "u1"))
        .as("nothing of ours is an update any more")
        .isEqualTo(Optional.empty());
  }
}
