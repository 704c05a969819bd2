package sh.kaito.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.Workspaces;

/** What README.md shows is what compiles, parses and runs. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..", "..");
  private static final Pattern BLOCK =
      Pattern.compile("(?:<!-- snippet (\\w+) -->\\n)?```(\\w+)\\n(.*?)```", Pattern.DOTALL);

  private record Block(String snippet, String language, String text) {}

  private static List<Block> blocks() throws IOException {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(Files.readString(ROOT.resolve("README.md")));
    while (matcher.find()) {
      blocks.add(
          new Block(
              matcher.group(1) == null ? "" : matcher.group(1),
              matcher.group(2),
              matcher.group(3)));
    }
    return blocks;
  }

  private static Map<String, String> snippets() throws IOException {
    Path source = Path.of("src/test/java/sh/kaito/samples/quickstart/ReadmeSnippets.java");
    Map<String, String> snippets = new LinkedHashMap<>();
    Matcher matcher =
        Pattern.compile("// snippet (\\w+)\\n(.*?)\\n *// end", Pattern.DOTALL)
            .matcher(Files.readString(source));
    while (matcher.find()) {
      snippets.put(matcher.group(1), matcher.group(2).stripIndent());
    }
    return snippets;
  }

  @Test
  void everyJavaBlockIsASnippetThatCompiles() throws IOException {
    Map<String, String> snippets = snippets();
    List<Block> java = blocks().stream().filter(b -> b.language().equals("java")).toList();
    assertThat(java).extracting(Block::snippet).containsExactlyElementsOf(snippets.keySet());
    for (Block block : java) {
      assertThat(block.text().strip())
          .as("README's snippet %s is that of ReadmeSnippets.java", block.snippet())
          .isEqualTo(snippets.getOrDefault(block.snippet(), "").strip());
    }
  }

  @Test
  void everyYamlBlockIsAWorkspaceThatCanBePlanned() throws IOException {
    List<Block> yaml = blocks().stream().filter(b -> b.language().equals("yaml")).toList();
    assertThat(yaml).as("README shows a Workspace").isNotEmpty();
    for (Block block : yaml) {
      assertThat(VirtualStory.tell(Workspaces.read(block.text())).told())
          .as("time told in the story of%n%s", block.text())
          .isPositive();
    }
  }

  @Test
  void theOutputInTheReadmeIsThatOfThePlan() throws IOException {
    List<String> shown =
        blocks().stream().filter(b -> b.language().equals("text")).map(Block::text).toList();
    String plan = Quickstart.planOfTheSeed();
    assertThat(shown).as("README shows the output of the quickstart").isNotEmpty();
    for (String line : plan.lines().filter(line -> !line.isBlank()).toList()) {
      assertThat(shown.get(0)).contains(line);
    }
  }
}
