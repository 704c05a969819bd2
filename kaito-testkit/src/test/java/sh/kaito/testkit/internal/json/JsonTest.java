package sh.kaito.testkit.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"kind\":|unexpected end of JSON input",
        "{|unexpected end of JSON input",
        "``|unexpected end of JSON input",
        "{a}|invalid character 'a' looking for beginning of object key string",
        "{\"a\" 1}|invalid character '1' after object key",
        "{\"a\":1 \"b\"}|invalid character '\"' after object key:value pair",
        "{\"a\":1,}|invalid character '}' looking for beginning of object key string",
        "[1 2]|invalid character '2' after array element",
        "[,]|invalid character ',' looking for beginning of value",
        "[1,]|invalid character ']' looking for beginning of value",
        "tru|unexpected end of JSON input",
        "trux|invalid character 'x' in literal true (expecting 'e')",
        "-x|invalid character 'x' in numeric literal",
        "1.x|invalid character 'x' after decimal point in numeric literal",
        "1ex|invalid character 'x' in exponent of numeric literal",
        "01|invalid character '1' after top-level value",
        "\"\\x\"|invalid character 'x' in string escape code",
        "\"\\u00g0\"|invalid character 'g' in \\u hexadecimal character escape",
        "{} {}|invalid character '{' after top-level value",
      })
  void refusesTextWithTheWordsOfGo(String text, String message) {
    JsonParseException e = catchThrowableOfType(JsonParseException.class, () -> Json.parse(text));

    assertThat(e).as("refusal of <%s>", text).hasMessage(message);
  }

  @Test
  void tellsWhereTheTextIsWrong() {
    JsonParseException e =
        catchThrowableOfType(JsonParseException.class, () -> Json.parse("{\n  \"ä\": x}"));

    assertThat(e.offset()).as("byte offset").isEqualTo(10);
    assertThat(e.line()).as("line").isEqualTo(2);
    assertThat(e.column()).as("column in characters").isEqualTo(8);
    assertThat(e.isUnexpectedEnd()).as("unexpected end").isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "5,5",
    "-0,0",
    "5.0,5",
    "1e2,100",
    "0.000001,0.000001",
    "1e-7,1e-7",
    "1.5e21,1.5e+21",
    "1e20,100000000000000000000",
    "9223372036854775807,9223372036854775807",
    "9223372036854775808,9223372036854776000",
    "2e-3,0.002",
    "0.1,0.1",
    "123456789.125,123456789.125",
  })
  void writesNumbersAsGoDoes(String read, String written) {
    assertThat(Json.writeString(Json.parse(read))).as("number read as %s", read).isEqualTo(written);
  }

  @Test
  void keepsIntegersAndFloatsApart() {
    assertThat(Json.parse("5")).isEqualTo(5L);
    assertThat(Json.parse("5.0")).isEqualTo(5.0d);
    assertThat(Json.deepEquals(Json.parse("{\"a\":5}"), Json.parse("{\"a\":5.0}")))
        .as("5 equals 5.0")
        .isFalse();
    assertThat(Json.deepEquals(Json.parse("{\"a\":1,\"b\":2}"), Json.parse("{\"b\":2,\"a\":1}")))
        .as("equal whatever the key order")
        .isTrue();
  }

  @Test
  void namesRepeatedKeys() {
    Json.Parsed parsed =
        Json.parseTracking(
            "{\"spec\":{\"a\":\"1\",\"a\":\"2\",\"a\":\"3\",\"l\":[{},{\"k\":1,\"k\":2}]},\"z\":1,\"z\":2}"
                .getBytes(StandardCharsets.UTF_8));

    assertThat(parsed.duplicates()).containsExactly("spec.a", "spec.l[1].k", "z");
    assertThat(Json.string(parsed.value(), "spec", "a")).as("last value wins").isEqualTo("3");
  }

  @Test
  void roundTripsStrings() {
    String text =
        "{\"a\":\"\\u00e4\\ud83d\\ude00\\ud83d \\u003cb\\u003e \\\" \\\\ \\n\\t\\u0001\"}";

    assertThat(Json.string(Json.parse(text), "a"))
        .isEqualTo("ä\uD83D\uDE00\uFFFD <b> \" \\ \n\t\u0001");
    assertThat(Json.writeString(Json.parse(text)))
        .as("angle brackets are escaped, lone surrogates replaced")
        .isEqualTo("{\"a\":\"ä\uD83D\uDE00\uFFFD \\u003cb\\u003e \\\" \\\\ \\n\\t\\u0001\"}");
  }

  @Test
  void refusesDepthInsteadOfOverflowing() {
    JsonParseException e =
        catchThrowableOfType(JsonParseException.class, () -> Json.parse("[".repeat(100_000)));

    assertThat(e).hasMessage("exceeded max depth");
  }
}
