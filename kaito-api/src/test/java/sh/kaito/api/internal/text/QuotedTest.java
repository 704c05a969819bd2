package sh.kaito.api.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotedTest {

  @Test
  void shortensLongTextsAndEscapesControlCharacters() {
    assertThat(Quoted.of("a\nb\u0007")).isEqualTo("\"a\\nb\\u0007\"");
    assertThat(Quoted.of("x".repeat(10_000))).hasSizeLessThan(130).endsWith("(10000 characters)\"");
  }

  @ParameterizedTest
  @CsvSource({
    "https://e.org/a?sig=s3cret, https://e.org/a?...",
    "https://user:s3cret@e.org/a, https://...@e.org/a",
    "https://e.org/a@b, https://e.org/a@b",
    "ht tp://user:s3cret@e.org, ...@e.org",
    "https://e.org/a#s3cret, https://e.org/a?...",
  })
  void urlsLoseTheirCredentials(String url, String shown) {
    assertThat(Quoted.url(url)).isEqualTo('"' + shown + '"').doesNotContain("s3cret");
  }
}
