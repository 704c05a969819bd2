package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import sh.kaito.api.provision.NodeHandover.FoundNode;
import sh.kaito.api.provision.NodeHandover.Survey;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.core.engine.Adoption.Fit;
import sh.kaito.core.engine.Adoption.Wanted;

/** Which claim fills which slot, and what does not fit. */
class AdoptionFitTest {
  private static final String TYPE = "Standard_NC6s_v3";

  private static FoundNode node(int number, Optional<NodeSlot> slot) {
    return FoundNode.builder()
        .name("ws" + number)
        .uid("uid-" + number)
        .resourceVersion("1")
        .instanceType(TYPE)
        .createdAt(Instant.EPOCH.plusSeconds(number))
        .isDeleting(false)
        .slot(slot)
        .build();
  }

  private static Survey survey(FoundNode... nodes) {
    return Survey.builder().addNodes(nodes).build();
  }

  private static Map<NodeSlot, FoundNode> take(Survey survey, int count) {
    Fit fit = Adoption.fit(survey, Optional.of(new Wanted(TYPE, count)), List.of());
    assertThat(fit).isInstanceOf(Fit.Take.class);
    return ((Fit.Take) fit).slots();
  }

  private static String refusal(Survey survey, Wanted wanted, List<String> workers) {
    Fit fit = Adoption.fit(survey, Optional.of(wanted), workers);
    assertThat(fit).isInstanceOf(Fit.Refuse.class);
    return ((Fit.Refuse) fit).why();
  }

  /**
   * Whatever was marked before a crash: each claim has one slot, what is marked keeps its own, and
   * no slot is beyond what is wanted, so a missing node is the only one that is bought.
   */
  @Property
  void eachNodeFillsOneSlotAndKeepsTheOneItHas(
      @ForAll @Size(max = 6) List<@IntRange(min = -3, max = 5) Integer> marks) {
    FoundNode[] nodes = new FoundNode[marks.size()];
    for (int i = 0; i < nodes.length; i++) {
      int mark = marks.get(i);
      nodes[i] = node(i, mark < 0 ? Optional.empty() : Optional.of(new NodeSlot(mark, 1 + i % 2)));
    }
    Map<NodeSlot, FoundNode> slots = take(survey(nodes), 6);
    assertThat(slots).hasSize(nodes.length).values().doesNotHaveDuplicates();
    assertThat(slots.keySet().stream().map(NodeSlot::index))
        .doesNotHaveDuplicates()
        .allMatch(index -> index >= 0 && index < 6);
    for (int i = 0; i < nodes.length; i++) {
      if (marks.get(i) >= 0 && marks.indexOf(marks.get(i)) == i) {
        assertThat(slots).containsEntry(new NodeSlot(marks.get(i), 1 + i % 2), nodes[i]);
      }
    }
    Map<NodeSlot, FoundNode> again =
        take(
            survey(
                slots.entrySet().stream()
                    .map(
                        entry ->
                            FoundNode.builder().from(entry.getValue()).slot(entry.getKey()).build())
                    .toArray(FoundNode[]::new)),
            6);
    assertThat(new TreeSet<>(again.keySet().stream().map(NodeSlot::toString).toList()))
        .as("taken over once more after a crash")
        .isEqualTo(new TreeSet<>(slots.keySet().stream().map(NodeSlot::toString).toList()));
  }

  @Test
  void whatIsOnItsWayOutFillsNothing() {
    FoundNode going = FoundNode.builder().from(node(1, Optional.empty())).isDeleting(true).build();
    assertThat(take(survey(going, node(2, Optional.empty())), 1))
        .containsOnlyKeys(new NodeSlot(0, 1));
  }

  @Test
  void whatDoesNotFitIsRefusedWithAllReasons() {
    Survey survey =
        Survey.builder()
            .addNodes(node(1, Optional.empty()), node(2, Optional.empty()))
            .addProblems("NodePool pool has this Workspace's nodes")
            .build();
    assertThat(refusal(survey, new Wanted("Standard_NC12s_v3", 1), List.of("own")))
        .contains("NodePool pool")
        .contains("ws1 (" + TYPE + ")")
        .contains("needs 1 nodes and there are 2")
        .contains("no claim of it stands for: own");
  }

  @Test
  void whatIsBeingDeletedIsTakenWhole() {
    Fit fit =
        Adoption.fit(
            Survey.builder()
                .addNodes(node(1, Optional.empty()), node(2, Optional.empty()))
                .addProblems("whatever")
                .build(),
            Optional.empty(),
            List.of("own"));
    assertThat(fit).isInstanceOf(Fit.Take.class);
    assertThat(((Fit.Take) fit).slots()).hasSize(2);
  }
}
