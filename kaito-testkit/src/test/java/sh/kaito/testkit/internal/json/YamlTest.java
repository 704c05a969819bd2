package sh.kaito.testkit.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a: yes|{\"a\":true}",
        "a: Off|{\"a\":false}",
        "a: \"yes\"|{\"a\":\"yes\"}",
        "a: !!str yes|{\"a\":\"yes\"}",
        "a: !!str 5|{\"a\":\"5\"}",
        "a: 010|{\"a\":8}",
        "a: 0o17|{\"a\":15}",
        "a: 0x1F|{\"a\":31}",
        "a: 1_000|{\"a\":1000}",
        "a: 1.50|{\"a\":1.5}",
        "a: 1e3|{\"a\":1000}",
        "a: 2001-01-01|{\"a\":\"2001-01-01\"}",
        "a: 1:30|{\"a\":\"1:30\"}",
        "a: 0.3.1|{\"a\":\"0.3.1\"}",
        "a: ~|{\"a\":null}",
        "a:|{\"a\":null}",
        "5: x|{\"5\":\"x\"}",
        "true: x|{\"true\":\"x\"}",
        "{x: &a {k: 1}, b: {<<: *a, z: 2}}|{\"x\":{\"k\":1},\"b\":{\"z\":2,\"k\":1}}",
        "{x: &a [1], b: *a}|{\"x\":[1],\"b\":[1]}",
        "{\"json\": [1, 2.5, null, \"s\"]}|{\"json\":[1,2.5,null,\"s\"]}",
      })
  void readsScalarsAsTheServerDoes(String yaml, String json) {
    assertThat(Json.writeString(Yaml.parse(yaml))).as("YAML <%s>", yaml).isEqualTo(json);
  }

  @Test
  void wholeFloatsAreIntegersBecauseJsonTextIsInBetween() {
    assertThat(Json.get(Yaml.parse("a: 1e3"), "a")).isEqualTo(1000L);
    assertThat(Json.get(Yaml.parse("a: 1.5"), "a")).isEqualTo(1.5d);
  }

  @Test
  void wordsErrorsLikeTheServer() {
    YamlParseException e =
        catchThrowableOfType(
            YamlParseException.class,
            () -> Yaml.parse("apiVersion: v1\nkind: ConfigMap\n  bad: [\n"));

    assertThat(e).hasMessage("yaml: line 3: mapping values are not allowed in this context");
    assertThat(e.line()).as("line").isEqualTo(3);
  }

  @Test
  void readsTheFirstDocumentOrAll() {
    String text = "a: 1\n---\n# nothing\n---\nb: 2\n";

    assertThat(Json.writeString(Yaml.parse(text))).isEqualTo("{\"a\":1}");
    assertThat(Json.writeString(Yaml.parseAll(text))).isEqualTo("[{\"a\":1},{\"b\":2}]");
    assertThat(Yaml.parse("")).isNull();
  }

  @Test
  void namesRepeatedKeys() {
    Yaml.Parsed parsed = Yaml.parseTracking("a: 1\nb:\n  c: 1\n  c: 2\n");

    assertThat(parsed.duplicates()).containsExactly("line 4: key \"c\" already set in map");
    assertThat(Json.get(parsed.value(), "b", "c")).isEqualTo(2L);
  }
}
