package sh.kaito.testkit.internal.sim.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.testkit.internal.sim.Objects;

/**
 * One of Kaito's constant shell programs, by the name that it is started under: {@code sh -c TEXT
 * NAME ARGUMENT...}.
 *
 * @param name such as {@code push}
 * @param arguments what the program sees as {@code "$@"}
 */
record Program(String name, List<String> arguments) {
  static final String PUSH = "push";
  static final String PULL = "pull";
  static final String COPY = "copy";
  static final String TRAIN = "train";

  /** Arguments of each besides data, which tells them from programs of a user's own. */
  private static final Map<String, Integer> ARGUMENTS = Map.of(PUSH, 0, PULL, 4, COPY, 3);

  Program {
    arguments = List.copyOf(arguments);
  }

  static Optional<Program> of(JsonNode container) {
    List<String> words = new ArrayList<>();
    container.path("command").forEach(word -> words.add(word.asText().replace("$$", "$")));
    if (words.size() < 4 || !words.get(0).equals("/bin/sh") || !words.get(1).equals("-c")) {
      return Optional.empty();
    }
    Program program = new Program(words.get(3), words.subList(4, words.size()));
    Integer expected = ARGUMENTS.get(program.name());
    boolean known =
        expected == null
            ? program.name().equals(TRAIN)
            : expected == program.arguments().size()
                && (!program.name().equals(PUSH) || env(container, "OUTPUT_IMAGE").isPresent());
    return known ? Optional.of(program) : Optional.empty();
  }

  /** Value of a variable that stands in the container itself. */
  static Optional<String> env(JsonNode container, String variable) {
    for (JsonNode entry : container.path("env")) {
      if (Objects.text(entry, "name").equals(variable)) {
        return Optional.of(Objects.text(entry, "value").replace("$$", "$"));
      }
    }
    return Optional.empty();
  }
}
