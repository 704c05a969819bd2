package sh.kaito.api.internal.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What is written is read again, by kubectl's rules and by those of YAML 1.2. */
class YamlWriterTest {

  @Test
  void looksAsPeopleWriteIt() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("apiVersion", "kaito.sh/v1beta1");
    tree.put("labels", Map.of("on", "yes"));
    tree.put("image", "registry.example.org/a:1.0");
    tree.put("strength", "0.5");
    tree.put("count", 2);
    tree.put("text", "Hello, this is it; (really)");
    tree.put("script", "set -e\n  echo \"x\"\n\nexit 0\n");
    tree.put("list", List.of("a", Map.of("k", List.of(1, Map.of())), List.of(List.of("x"))));
    tree.put("empty", List.of());
    tree.put("nothing", null);

    assertThat(YamlWriter.write(tree))
        .isEqualTo(
            """
            apiVersion: kaito.sh/v1beta1
            labels:
              "on": "yes"
            image: registry.example.org/a:1.0
            strength: "0.5"
            count: 2
            text: Hello, this is it; (really)
            script: |
              set -e
                echo "x"

              exit 0
            list:
            - a
            - k:
              - 1
              - {}
            - - - x
            empty: []
            nothing: null
            """);
  }

  @Property(tries = 500)
  void everyTreeIsReadAgain(@ForAll("trees") Map<String, Object> tree) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("apiVersion", "v1");
    document.put("kind", "Anything");
    document.put("data", tree);
    String yaml = YamlWriter.write(document);

    ManifestReader.Result asKubectl = ManifestReader.read("x", yaml);
    assertThat(asKubectl.violations()).as(yaml).isEmpty();
    assertThat(asKubectl.documents().get(0).tree()).as(yaml).isEqualTo(document);
    Object asYaml12 = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    assertThat(longs(asYaml12)).as(yaml).isEqualTo(document);
  }

  /** snakeyaml-engine makes Integers, our own reader Longs. */
  private static @Nullable Object longs(@Nullable Object tree) {
    if (tree instanceof Map<?, ?> map) {
      Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
      map.forEach((key, value) -> copy.put(key, longs(value)));
      return copy;
    }
    if (tree instanceof List<?> list) {
      List<@Nullable Object> copy = new ArrayList<>();
      list.forEach(value -> copy.add(longs(value)));
      return copy;
    }
    return tree instanceof Integer number ? Long.valueOf(number) : tree;
  }

  @Provide
  Arbitrary<Map<String, Object>> trees() {
    Arbitrary<String> words =
        Arbitraries.of(
            "yes",
            "no",
            "on",
            "y",
            "null",
            "~",
            "",
            " ",
            "a b",
            "a: b",
            "a #b",
            "- a",
            "0644",
            "1_0",
            "1:30",
            "0x1",
            ".5",
            "1e3",
            "true",
            "a\nb",
            "a\n b\n",
            "\n",
            "a\n\n",
            " a\nb",
            "\ta",
            "a\t",
            "'",
            "\"",
            "\\",
            "{",
            "[",
            "*a",
            "&a",
            "!a",
            "%",
            "@",
            "`",
            "|",
            ">",
            "?",
            "<<",
            "=",
            "a'b",
            "2026-01-31",
            "\u00e9",
            "\ud83d\ude00",
            "\u2028",
            "\u0085",
            "\ufeff",
            "a ",
            "a:",
            ":a",
            "x\r\ny",
            "\u0007");
    Arbitrary<String> strings =
        Arbitraries.oneOf(words, Arbitraries.strings().ascii().ofMaxLength(12));
    Arbitrary<Object> leaves =
        Arbitraries.oneOf(
            strings.map(text -> (Object) text),
            Arbitraries.longs().map(number -> (Object) number),
            Arbitraries.of(true, false).map(bool -> (Object) bool));
    Arbitrary<Object> nodes =
        Arbitraries.oneOf(
            leaves,
            leaves.list().ofMaxSize(3).map(list -> (Object) list),
            maps(strings, leaves).map(map -> (Object) map),
            maps(strings, leaves).list().ofMaxSize(2).map(list -> (Object) list));
    return maps(strings, nodes);
  }

  private static Arbitrary<Map<String, Object>> maps(
      Arbitrary<String> keys, Arbitrary<Object> values) {
    return Arbitraries.maps(keys, values).ofMaxSize(4);
  }
}
