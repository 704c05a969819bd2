package sh.kaito.api.internal.yaml;

import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.validation.SourceLocation;
import sh.kaito.api.validation.Violation;

/** The parser's complaints in words that tell what to do. */
final class SyntaxErrors {

  private SyntaxErrors() {}

  static Violation describe(SourceText source, YamlEngineException error) {
    if (error instanceof ReaderException unprintable) {
      return Violation.error(
              "",
              String.format(
                  "the character U+%04X is not allowed in YAML", unprintable.getCodePoint()))
          .action("remove it, or write it as an escape in double quotes")
          .location(SourceText.locate(source.name(), source.text(), unprintable.getPosition()))
          .build();
    }
    if (!(error instanceof MarkedYamlEngineException marked)) {
      return Violation.error("", "not YAML: " + Quoted.shorten(String.valueOf(error.getMessage())))
          .location(new SourceLocation(source.name(), 1, 1))
          .build();
    }
    String problem = String.valueOf(marked.getProblem());
    Optional<Mark> at = marked.getProblemMark();
    Optional<Mark> opened = marked.getContextMark();
    String context = String.valueOf(marked.getContext());
    if (problem.contains("TAB")) {
      return violation(source, at, "a tab cannot indent YAML", "indent with spaces");
    }
    if (problem.contains("mapping values are not allowed")) {
      return violation(
          source,
          at,
          "a second \": \" in one line, or a line indented under a value",
          "quote the value, or check the indentation");
    }
    if (problem.contains("expected <block end>")) {
      return violation(
          source,
          at,
          "the indentation fits no open block",
          "align the line with the block" + since(opened));
    }
    if (problem.contains("end of stream") && context.contains("quoted")) {
      return violation(
          source, opened, "a quote is opened here and never closed", "close the quote");
    }
    if (problem.contains("expected ',' or")) {
      String bracket = context.contains("sequence") ? "[" : "{";
      return violation(
          source,
          at,
          "\"" + bracket + "\"" + since(opened) + " is not closed, or a comma is missing",
          "close the bracket, or separate the elements by commas");
    }
    if (problem.contains("cannot start any token")) {
      return violation(
          source, at, "a value cannot begin with this character", "put the value in quotes");
    }
    if (problem.contains("could not find expected ':'")) {
      return violation(
          source,
          opened.isPresent() ? opened : at,
          "a key without \":\" in its line",
          "write key: value; a key is at most 1024 characters long");
    }
    return violation(source, at, "not YAML: " + Quoted.shorten(problem), "check the syntax here");
  }

  private static String since(Optional<Mark> opened) {
    return opened.map(mark -> " that began in line " + (mark.getLine() + 1)).orElse("");
  }

  private static Violation violation(
      SourceText source, Optional<Mark> at, String message, String action) {
    return Violation.error("", message)
        .action(action)
        .location(
            at.map(
                    mark ->
                        new SourceLocation(source.name(), mark.getLine() + 1, mark.getColumn() + 1))
                .orElseGet(() -> new SourceLocation(source.name(), 1, 1)))
        .build();
  }
}
