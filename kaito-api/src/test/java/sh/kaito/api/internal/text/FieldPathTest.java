package sh.kaito.api.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FieldPathTest {

  @Test
  void pathsAreWrittenAndReadAsTheApiServerWritesThem() {
    String path =
        FieldPath.child(FieldPath.index(FieldPath.child("inference", "adapters"), 2), "strength");
    assertThat(path).isEqualTo("inference.adapters[2].strength");
    assertThat(FieldPath.steps(path)).containsExactly("inference", "adapters", "2", "strength");

    String annotation = FieldPath.key("metadata.annotations", "kaito.sh/runtime");
    assertThat(annotation).isEqualTo("metadata.annotations[kaito.sh/runtime]");
    assertThat(FieldPath.steps(annotation))
        .containsExactly("metadata", "annotations", "kaito.sh/runtime");

    assertThat(FieldPath.child("a", "b.c")).isEqualTo("a[b.c]");
    assertThat(FieldPath.child("", "a")).isEqualTo("a");
    assertThat(FieldPath.steps("")).isEmpty();
    assertThat(FieldPath.steps("a[x]y].b")).containsExactly("a", "x]y", "b");
  }
}
