package sh.kaito.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that are made to hurt: they cost little and end in a clear error. */
class WorkspacesHostileInputTest {

  private static void refused(String text, String because) {
    assertThatThrownBy(() -> Workspaces.readAll(text))
        .isInstanceOf(WorkspaceReadException.class)
        .hasMessageContaining(because)
        .satisfies(e -> assertThat(e.toString()).hasSizeLessThan(20_000));
  }

  @Test
  void tooLarge() {
    refused("a: " + "x".repeat(10_000_000), "larger than 1572864 bytes");
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'a';
          }
        };
    assertThatThrownBy(() -> Workspaces.readAll(endless, "stdin"))
        .hasMessageContaining("stdin:1:1: larger than 1572864 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{", "{a: ", "- ", "? ", "[{a: "})
  void tooDeep(String opener) {
    refused(opener.repeat(300_000), "nested deeper than 64 levels");
  }

  @Test
  void tooManyValues() {
    refused("- a\n".repeat(300_000), "more than 20000 values");
  }

  @Test
  void tooManyDocuments() {
    refused("---\n".repeat(300_000), "<text>:1001:1: more than 1000 documents; split the file");
  }

  @Test
  void aliasBombs() {
    StringBuilder bomb = new StringBuilder("apiVersion: v1\nkind: Bomb\na0: &a0 [x, x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    refused(bomb.toString(), "aliases make more than 20000 values");

    StringBuilder merge = new StringBuilder("apiVersion: v1\nkind: Bomb\nm0: &m0 {");
    for (int i = 0; i < 500; i++) {
      merge.append("k%d: v, ".formatted(i));
    }
    merge.append("}\n");
    for (int i = 1; i < 500; i++) {
      merge.append("m%d: &m%d {<<: *m%d, x%d: y}\n".formatted(i, i, i - 1, i));
    }
    refused(merge.toString(), "more than 20000 values");
  }

  @Test
  void longNamesAndValuesAreShortenedInMessages() {
    String name = "n".repeat(10_240);
    String header = "apiVersion: kaito.sh/v1beta1\nkind: Workspace\n";
    refused(
        header + "inference: {preset: {name: p, accessMode: " + name + "}}\n",
        "... (10240 characters)");
    refused(header + "\"" + name.substring(0, 1_000) + "\": x\n", "... (1000 characters)");
    refused(header + "\"" + name + "\": x\n", "a key is at most 1024 characters long");
  }

  @Test
  void manyProblemsAreCutOff() {
    StringBuilder text = new StringBuilder("apiVersion: kaito.sh/v1beta1\nkind: Workspace\n");
    for (int i = 0; i < 5_000; i++) {
      text.append("unknown").append(i).append(": x\n");
    }
    assertThatThrownBy(() -> Workspaces.readAll(text.toString()))
        .hasMessageEndingWith("4900 more problems are not listed");
  }

  @Property(tries = 300)
  void randomBytesGiveAnErrorOrAValueAndNothingElse(@ForAll byte[] bytes) {
    read(new ByteArrayInputStream(bytes));
  }

  @Property(tries = 500)
  void randomYamlGivesAnErrorOrAValueAndNothingElse(@ForAll("yamlish") List<String> pieces) {
    read(
        new ByteArrayInputStream(
            ("apiVersion: kaito.sh/v1beta1\nkind: Workspace\n" + String.join("", pieces))
                .getBytes(StandardCharsets.UTF_8)));
  }

  private static void read(InputStream in) {
    try {
      assertThat(Workspaces.readAll(in, "fuzz")).isNotNull();
    } catch (WorkspaceReadException e) {
      assertThat(e.violations()).isNotEmpty();
    }
  }

  @Provide
  Arbitrary<List<String>> yamlish() {
    return Arbitraries.of(
            "inference:",
            "tuning:",
            "resource:",
            "metadata:",
            "template:",
            "spec:",
            "containers:",
            "preset",
            "name",
            "count",
            "labels",
            "matchLabels",
            "status",
            "adapters",
            "env",
            "value",
            "\n",
            "\n",
            "\n  ",
            "\n    ",
            "\n- ",
            "\n  - ",
            ": ",
            ": ",
            " ",
            "{",
            "}",
            "[",
            "]",
            ",",
            "&a ",
            "*a",
            "<<: *a",
            "!!str ",
            "!x ",
            "'",
            "\"",
            "|",
            ">",
            "#",
            "\t",
            "null",
            "~",
            "yes",
            "1",
            "0.5",
            "-1e99",
            "0x",
            "2026-01-31",
            "\u00e9",
            "\ud83d\ude00",
            "\u2028",
            "---\n",
            "...\n",
            "%YAML 1.1\n",
            "?",
            "@",
            "`",
            "\\u0000")
        .list()
        .ofMaxSize(60);
  }
}
