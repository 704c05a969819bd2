package sh.kaito.testkit.internal.json;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.AnchorNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Turns composed YAML nodes into JSON values, resolving plain scalars as go-yaml 2 does. */
final class YamlNodes {
  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final Pattern INTEGER =
      Pattern.compile("[-+]?(0b[01]+|0x[0-9a-fA-F]+|0o?[0-7]+|0|[1-9][0-9]*)");

  /** Aliases may not blow a small text up; go-yaml refuses similar ratios. */
  private static final int MAX_NODES = 1_000_000;

  private final List<String> duplicates = new ArrayList<>();
  private final Map<Node, Boolean> open = new IdentityHashMap<>();
  private int count;

  List<String> duplicates() {
    return List.copyOf(duplicates);
  }

  @Nullable Object value(Node node) {
    if (++count > MAX_NODES) {
      throw new YamlParseException("yaml: document contains excessive aliasing", 0, 0);
    }
    if (node instanceof AnchorNode anchor) {
      return value(anchor.getRealNode());
    }
    if (node instanceof ScalarNode scalar) {
      return scalar(scalar);
    }
    if (open.put(node, Boolean.TRUE) != null) {
      throw new YamlParseException("yaml: anchor contains itself", line(node), 0);
    }
    Object result =
        node instanceof SequenceNode sequence ? list(sequence) : object((MappingNode) node);
    open.remove(node);
    return result;
  }

  private List<@Nullable Object> list(SequenceNode node) {
    List<@Nullable Object> result = new ArrayList<>(node.getValue().size());
    for (Node item : node.getValue()) {
      result.add(value(item));
    }
    return result;
  }

  private Map<String, @Nullable Object> object(MappingNode node) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    List<Node> merges = new ArrayList<>();
    for (NodeTuple tuple : node.getValue()) {
      Node keyNode = tuple.getKeyNode();
      if (isMerge(keyNode)) {
        merges.add(tuple.getValueNode());
        continue;
      }
      String key = key(keyNode);
      Object value = value(tuple.getValueNode());
      if (result.containsKey(key)) {
        duplicates.add("line " + line(keyNode) + ": key \"" + key + "\" already set in map");
      }
      result.put(key, value);
    }
    for (Node merge : merges) {
      merge(merge, result);
    }
    return result;
  }

  private void merge(Node source, Map<String, @Nullable Object> into) {
    Node real = source instanceof AnchorNode anchor ? anchor.getRealNode() : source;
    if (real instanceof SequenceNode sequence) {
      sequence.getValue().forEach(item -> merge(item, into));
    } else if (real instanceof MappingNode && value(real) instanceof Map<?, ?> map) {
      map.forEach((key, value) -> into.putIfAbsent((String) key, value));
    } else {
      throw new YamlParseException(
          "yaml: map merge requires map or sequence of maps as the value", line(source), 0);
    }
  }

  private static boolean isMerge(Node key) {
    return key instanceof ScalarNode scalar
        && scalar.getScalarStyle() == ScalarStyle.PLAIN
        && scalar.getValue().equals("<<");
  }

  private String key(Node node) {
    Object key = value(node);
    if (key instanceof Map<?, ?> || key instanceof List<?>) {
      throw new YamlParseException(
          "yaml: invalid map key: " + Json.writeString(key), line(node), 0);
    }
    if (key instanceof Double number) {
      return GoNumbers.general(number);
    }
    return key == null ? "null" : Objects.toString(key);
  }

  private static int line(Node node) {
    return node.getStartMark().map(Mark::getLine).orElse(-1) + 1;
  }

  private static @Nullable Object scalar(ScalarNode node) {
    String text = node.getValue();
    String tag = node.getTag().getValue();
    if (node.getScalarStyle() != ScalarStyle.PLAIN) {
      return text;
    }
    if (tag.equals("tag:yaml.org,2002:str") && isExplicitString(node)) {
      return text;
    }
    return resolve(text);
  }

  /** Whether the text stands behind {@code !!str}: its node begins before the text does. */
  private static boolean isExplicitString(ScalarNode node) {
    int length =
        node.getEndMark().map(Mark::getIndex).orElse(0)
            - node.getStartMark().map(Mark::getIndex).orElse(0);
    return resolve(node.getValue()) instanceof String || length > node.getValue().length();
  }

  private static @Nullable Object resolve(String text) {
    switch (text) {
      case "", "~", "null", "Null", "NULL" -> {
        return null;
      }
      case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON" -> {
        return Boolean.TRUE;
      }
      case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF" -> {
        return Boolean.FALSE;
      }
      default -> {
        return number(text);
      }
    }
  }

  private static Object number(String text) {
    char first = text.charAt(0);
    if (first != '-' && first != '+' && first != '.' && (first < '0' || first > '9')) {
      return text;
    }
    String plain = text.replace("_", "");
    if (INTEGER.matcher(plain).matches()) {
      return integer(plain);
    }
    if (FLOAT.matcher(plain).matches()) {
      double value = Double.parseDouble(plain);
      if (!Double.isInfinite(value)) {
        // The server converts YAML to JSON text first, so 1e3 arrives as the integer 1000.
        return Objects.requireNonNull(Json.parse(GoNumbers.json(value)));
      }
    }
    return text;
  }

  private static Object integer(String text) {
    boolean negative = text.startsWith("-");
    String digits = negative || text.startsWith("+") ? text.substring(1) : text;
    String lower = digits.toLowerCase(Locale.ROOT);
    BigInteger value;
    if (lower.startsWith("0b")) {
      value = new BigInteger(lower.substring(2), 2);
    } else if (lower.startsWith("0x")) {
      value = new BigInteger(lower.substring(2), 16);
    } else if (lower.startsWith("0o")) {
      value = new BigInteger(lower.substring(2), 8);
    } else if (lower.length() > 1 && lower.startsWith("0")) {
      value = new BigInteger(lower.substring(1), 8);
    } else {
      value = new BigInteger(lower);
    }
    if (negative) {
      value = value.negate();
    }
    return value.bitLength() < 64 ? (Object) value.longValueExact() : value.doubleValue();
  }
}
