package sh.kaito.testkit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/testing.md shows is what runs in {@link TestingSnippetsTest}. */
class TestingPageTest {
  private static final Path PAGE = Path.of("..", "docs", "testing.md");
  private static final Path CODE =
      Path.of("src/test/java/sh/kaito/testkit/docs/TestingSnippetsTest.java");

  private static Map<String, String> found(Path file, String pattern) throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    Matcher matcher = Pattern.compile(pattern, Pattern.DOTALL).matcher(Files.readString(file));
    while (matcher.find()) {
      found.put(matcher.group(1), matcher.group(2).stripTrailing().stripIndent().strip());
    }
    return found;
  }

  @Test
  void everyJavaBlockOfThePageRuns() throws IOException {
    Map<String, String> shown = found(PAGE, "<!-- snippet (\\w+) -->\\n```java\\n(.*?)```");
    Map<String, String> runs = found(CODE, "// snippet (\\w+)\\n(.*?)\\n *// end");
    assertThat(shown.keySet()).as("snippets of the page").containsExactlyElementsOf(runs.keySet());
    shown.forEach(
        (name, text) ->
            assertThat(text)
                .as("snippet %s of docs/testing.md is that of TestingSnippetsTest", name)
                .isEqualTo(runs.get(name)));
    assertThat(Files.readString(PAGE).split("```java", -1))
        .as("Java blocks of the page, each with its mark")
        .hasSize(shown.size() + 1);
  }
}
