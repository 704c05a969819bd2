package sh.kaito.samples.rack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The code of the guide is code of this sample, so it compiles. */
class GuideTest {
  private static final Pattern CODE = Pattern.compile("(?s)```java\\n(.*?)```");

  @Test
  void everySnippetStandsInTheSources() throws IOException {
    String guide = Files.readString(Path.of("../../docs/provisioners.md"));
    List<String> snippets =
        CODE.matcher(guide).results().map((MatchResult found) -> found.group(1)).toList();
    assertThat(snippets).hasSizeGreaterThan(5);
    String sources = sources();
    for (String snippet : snippets) {
      assertThat(sources).as("docs/provisioners.md").contains(plain(snippet));
    }
  }

  private static String sources() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(GuideTest::read)
          .map(GuideTest::plain)
          .collect(Collectors.joining("\n"));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String plain(String code) {
    return code.replaceAll("\\s+", " ").strip();
  }
}
