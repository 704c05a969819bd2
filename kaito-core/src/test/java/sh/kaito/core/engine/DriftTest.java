package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is rendered must be in what is there; what is there beyond it belongs to others. */
class DriftTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static List<String> drift(String rendered, String observed)
      throws JsonProcessingException {
    return Drift.of(tree(rendered), tree(observed));
  }

  private static JsonNode tree(String relaxed) throws JsonProcessingException {
    return JSON.readTree(relaxed.replace('\'', '"'));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "a default of the server | {'a':1}                                   | {'a':1,'b':2}",
        "another order           | {'c':[{'name':'x'},{'name':'y'}]}         | {'c':[{'name':'y'},{'name':'x'}]}",
        "somebody else's element | {'c':[{'name':'x','i':1}]}                | {'c':[{'name':'s'},{'name':'x','i':1}]}",
        "an empty list dropped   | {'a':[]}                                  | {}",
        "a false dropped         | {'a':false}                               | {}",
        "a number as text        | {'a':'1'}                                 | {'a':1}",
        "another quantity        | {'requests':{'storage':'1024Mi'}}         | {'requests':{'storage':'1Gi'}}",
        "mounts by their path    | {'m':[{'name':'v','mountPath':'/a'},{'name':'v','mountPath':'/b'}]} | {'m':[{'name':'v','mountPath':'/b'},{'name':'v','mountPath':'/a'}]}",
      })
  void isNoDrift(String why, String rendered, String observed) throws JsonProcessingException {
    assertThat(drift(rendered, observed)).as(why).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'a':1}                          | {'a':2}                         | a",
        "{'a':{'b':true}}                 | {'a':{}}                        | a.b",
        "{'c':[{'name':'x','image':'1'}]} | {'c':[{'name':'x','image':'2'}]} | c[name=x].image",
        "{'c':[{'name':'x'}]}             | {'c':[]}                        | c[name=x]",
        "{'args':['--a','--b']}           | {'args':['--a']}                | args",
        "{'args':['--a']}                 | {'args':['--b']}                | args[0]",
        "{'limits':{'gpu':'1'}}           | {'limits':{'gpu':'2'}}          | limits.gpu",
      })
  void isDrift(String rendered, String observed, String path) throws JsonProcessingException {
    assertThat(drift(rendered, observed)).containsExactly(path);
  }
}
