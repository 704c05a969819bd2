package sh.kaito.testkit.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of the weak points names all of them, and tests that exist. */
class WeaknessesPageTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern ROW = Pattern.compile("^\\| W-(\\d+) \\|.*\\|([^|]*)\\|$");
  private static final Pattern TEST = Pattern.compile("`(\\w+)`");

  @Test
  void everyWeaknessHasItsRowAndEveryTestThatIsNamedExists() throws IOException {
    Set<String> tests;
    try (Stream<Path> files = Files.walk(ROOT)) {
      tests =
          files
              .map(path -> String.valueOf(path.getFileName()))
              .filter(name -> name.endsWith("Test.java"))
              .map(name -> name.replace(".java", ""))
              .collect(Collectors.toSet());
    }
    List<Integer> rows = new ArrayList<>();
    for (String line : Files.readAllLines(ROOT.resolve("docs/weaknesses.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        rows.add(Integer.valueOf(row.group(1)));
        Matcher named = TEST.matcher(row.group(2));
        while (named.find()) {
          assertThat(tests).as("tests of the project; named by: %s", line).contains(named.group(1));
        }
      }
    }
    assertThat(rows).hasSize(30).doesNotHaveDuplicates().isSorted();
  }
}
