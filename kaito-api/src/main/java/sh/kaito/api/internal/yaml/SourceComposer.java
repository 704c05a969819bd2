package sh.kaito.api.internal.yaml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.internal.yaml.SourceNode.Entry;
import sh.kaito.api.internal.yaml.SourceNode.Mapping;
import sh.kaito.api.internal.yaml.SourceNode.Scalar;
import sh.kaito.api.internal.yaml.SourceNode.Sequence;
import sh.kaito.api.validation.SourceLocation;
import sh.kaito.api.validation.Violation;

/**
 * Documents of a text as trees with positions. The parser's events are composed here, and not by
 * its own composer, because that one recurses without a limit and keeps no count of nodes.
 */
final class SourceComposer {
  private final String name;
  private final Iterator<Event> events;
  private Map<Anchor, @Nullable SourceNode> anchors = new HashMap<>();
  private int nodes;

  private SourceComposer(String name, Iterator<Event> events) {
    this.name = name;
    this.events = events;
  }

  /**
   * Composes one document after the other and hands each over, so that what stands before a syntax
   * error is still reported.
   */
  static void compose(SourceText source, List<SourceNode> documents)
      throws UnreadableSourceException {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(source.name())
            .setParseComments(false)
            // One window for the whole text: the reader copies its window each time it grows, which
            // takes seconds for one long value in the default size.
            .setBufferSize(Math.max(64, source.text().length() + 1))
            .setCodePointLimit(SourceLimits.MAX_BYTES + 1)
            .build();
    try {
      Iterator<Event> events = new Parse(settings).parseString(source.text()).iterator();
      SourceComposer composer = new SourceComposer(source.name(), events);
      while (events.hasNext()) {
        Event event = events.next();
        if (event.getEventId() == Event.ID.DocumentStart) {
          composer.anchors = new HashMap<>();
          if (documents.size() == SourceLimits.MAX_DOCUMENTS) {
            throw composer.refuse(
                event, "more than " + SourceLimits.MAX_DOCUMENTS + " documents", "split the file");
          }
          documents.add(composer.node(events.next(), 0));
        }
      }
    } catch (YamlEngineException e) {
      throw new UnreadableSourceException(SyntaxErrors.describe(source, e));
    }
  }

  private SourceNode node(Event event, int depth) throws UnreadableSourceException {
    count(event);
    if (depth > SourceLimits.MAX_DEPTH) {
      throw refuse(event, "nested deeper than " + SourceLimits.MAX_DEPTH + " levels", "flatten it");
    }
    if (event instanceof AliasEvent alias) {
      return alias(alias);
    }
    Optional<Anchor> anchor = ((NodeEvent) event).getAnchor();
    anchor.ifPresent(open -> anchors.put(open, null));
    SourceNode node;
    if (event instanceof ScalarEvent scalar) {
      node = scalar(scalar);
    } else if (event instanceof SequenceStartEvent sequence) {
      node = sequence(sequence, depth);
    } else if (event instanceof MappingStartEvent mapping) {
      node = mapping(mapping, depth);
    } else {
      throw new IllegalStateException("The YAML parser sent " + event.getEventId());
    }
    anchor.ifPresent(done -> anchors.put(done, node));
    return node;
  }

  private SourceNode alias(AliasEvent event) throws UnreadableSourceException {
    Anchor anchor = event.getAlias();
    SourceNode node = anchors.get(anchor);
    if (node == null) {
      throw anchors.containsKey(anchor)
          ? refuse(
              event,
              "alias *"
                  + Quoted.shorten(anchor.getValue())
                  + " stands inside the value that it names",
              "write the value out")
          : refuse(
              event,
              "alias *" + Quoted.shorten(anchor.getValue()) + " has no anchor before it",
              "define &" + Quoted.shorten(anchor.getValue()) + " first, or quote the value");
    }
    return node;
  }

  private static Scalar scalar(ScalarEvent event) {
    String tag = event.getTag().orElse(null);
    boolean plain = event.getScalarStyle() == ScalarStyle.PLAIN;
    if (tag != null && tag.startsWith(CORE)) {
      // !!str makes a string of anything; the other core tags ask for what the text says anyway.
      plain = !tag.equals(CORE + "str");
      tag = PLAIN_TAGS.contains(tag) ? null : tag;
    } else if ("!".equals(tag)) {
      plain = false;
      tag = null;
    }
    Mark mark = event.getStartMark().orElseThrow();
    return new Scalar(event.getValue(), plain, tag, mark.getLine() + 1, mark.getColumn() + 1);
  }

  private static final String CORE = "tag:yaml.org,2002:";
  private static final Set<String> PLAIN_TAGS =
      Set.of(CORE + "str", CORE + "int", CORE + "float", CORE + "bool", CORE + "null");

  private Sequence sequence(SequenceStartEvent event, int depth) throws UnreadableSourceException {
    List<SourceNode> elements = new ArrayList<>();
    for (Event next = events.next();
        next.getEventId() != Event.ID.SequenceEnd;
        next = events.next()) {
      elements.add(node(next, depth + 1));
    }
    Mark mark = event.getStartMark().orElseThrow();
    return new Sequence(
        elements, unlessCore(event.getTag(), "seq"), mark.getLine() + 1, mark.getColumn() + 1);
  }

  private Mapping mapping(MappingStartEvent event, int depth) throws UnreadableSourceException {
    List<Entry> entries = new ArrayList<>();
    List<Mapping> merged = new ArrayList<>();
    for (Event next = events.next();
        next.getEventId() != Event.ID.MappingEnd;
        next = events.next()) {
      SourceNode key = node(next, depth + 1);
      SourceNode value = node(events.next(), depth + 1);
      if (key instanceof Scalar scalar && scalar.plain() && scalar.text().equals("<<")) {
        collectMerged(next, value, merged);
      } else {
        entries.add(new Entry(key, value));
      }
    }
    if (!merged.isEmpty()) {
      merge(event, entries, merged);
    }
    Mark mark = event.getStartMark().orElseThrow();
    return new Mapping(
        entries, unlessCore(event.getTag(), "map"), mark.getLine() + 1, mark.getColumn() + 1);
  }

  private void collectMerged(Event key, SourceNode value, List<Mapping> merged)
      throws UnreadableSourceException {
    if (value instanceof Mapping mapping) {
      merged.add(mapping);
      return;
    }
    if (value instanceof Sequence sequence) {
      for (SourceNode element : sequence.elements()) {
        if (!(element instanceof Mapping mapping)) {
          throw refuse(key, "<< merges mappings; found something else", "merge a mapping");
        }
        merged.add(mapping);
      }
      return;
    }
    throw refuse(
        key, "<< merges mappings; found a single value", "quote the key, or merge a mapping");
  }

  /** Own keys win over merged ones, earlier merged ones over later. */
  private void merge(Event event, List<Entry> entries, List<Mapping> merged)
      throws UnreadableSourceException {
    Set<String> taken = new HashSet<>();
    entries.forEach(entry -> taken.add(entry.name()));
    for (Mapping mapping : merged) {
      for (Entry entry : mapping.entries()) {
        count(event);
        if (taken.add(entry.name())) {
          entries.add(entry);
        }
      }
    }
  }

  private static @Nullable String unlessCore(Optional<String> tag, String kind) {
    return tag.filter(found -> !found.equals(CORE + kind) && !found.equals("!")).orElse(null);
  }

  private void count(Event event) throws UnreadableSourceException {
    if (++nodes > SourceLimits.MAX_NODES) {
      throw refuse(event, "more than " + SourceLimits.MAX_NODES + " values", "split the file");
    }
  }

  private UnreadableSourceException refuse(Event event, String message, String action) {
    Mark mark = event.getStartMark().orElseThrow();
    return new UnreadableSourceException(
        Violation.error("", message)
            .action(action)
            .location(new SourceLocation(name, mark.getLine() + 1, mark.getColumn() + 1))
            .build());
  }
}
