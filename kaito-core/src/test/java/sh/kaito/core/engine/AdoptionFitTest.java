package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
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

  private static FoundNode marked(int number, NodeSlot slot) {
    return FoundNode.builder().from(node(number, Optional.of(slot))).isMarked(true).build();
  }

  /**
   * Claims that turn up late fill slots in which nothing is, under an epoch that the ledger does
   * not have yet; a crash before the ledger is written changes none of them.
   */
  @Property
  void whatTurnsUpLateFillsWhatIsMissing(
      @ForAll @IntRange(min = 0, max = 3) int present,
      @ForAll @IntRange(min = 0, max = 3) int late,
      @ForAll @IntRange(min = 0, max = 3) int labelled) {
    Map<NodeSlot, String> names = new HashMap<>();
    List<FoundNode> nodes = new ArrayList<>();
    for (int i = 0; i < present; i++) {
      nodes.add(marked(i, new NodeSlot(i, 1)));
      names.put(new NodeSlot(i, 1), "ws" + i);
    }
    Ledger ledger = Ledger.adopted(TYPE, names, Optional.empty());
    for (int i = 0; i < late; i++) {
      nodes.add(node(10 + i, Optional.empty()));
    }
    Adoption.Late wanted = new Adoption.Late(ledger, TYPE, 6);
    Map<NodeSlot, FoundNode> slots = late(nodes, wanted);
    assertThat(slots.values().stream().map(FoundNode::name))
        .hasSize(late)
        .allMatch(name -> name.startsWith("ws1"));
    assertThat(slots.keySet())
        .allMatch(slot -> slot.index() >= present && slot.index() < 6 && slot.epoch() == 2);
    List<FoundNode> crashed = new ArrayList<>(nodes.subList(0, present));
    int done = 0;
    for (Map.Entry<NodeSlot, FoundNode> entry : slots.entrySet()) {
      crashed.add(
          done++ < labelled
              ? FoundNode.builder()
                  .from(entry.getValue())
                  .slot(entry.getKey())
                  .isMarked(true)
                  .build()
              : entry.getValue());
    }
    Map<NodeSlot, FoundNode> again = late(crashed, wanted);
    assertThat(again.values().stream().map(FoundNode::name))
        .containsExactlyInAnyOrderElementsOf(slots.values().stream().map(FoundNode::name).toList());
    Map<NodeSlot, String> found = new HashMap<>();
    again.forEach((slot, node) -> found.put(slot, node.name()));
    List<FoundNode> all = new ArrayList<>(nodes.subList(0, present));
    again.forEach(
        (slot, node) -> all.add(FoundNode.builder().from(node).slot(slot).isMarked(true).build()));
    assertThat(late(all, new Adoption.Late(ledger.with(found), TYPE, 6)))
        .as("once they are in the ledger nothing is late any more")
        .isEmpty();
    assertThat(ledger.with(found).adoptedNames(ledger.with(found).slots(6)))
        .hasSize(present + late);
  }

  private static Map<NodeSlot, FoundNode> late(List<FoundNode> nodes, Adoption.Late wanted) {
    Fit fit = Adoption.late(survey(nodes.toArray(FoundNode[]::new)), wanted);
    assertThat(fit).isInstanceOf(Fit.Take.class);
    return ((Fit.Take) fit).slots();
  }

  @Test
  void whatTurnsUpLateAndDoesNotFitIsTold() {
    Ledger ledger = Ledger.adopted(TYPE, Map.of(new NodeSlot(0, 1), "ws1"), Optional.empty());
    Survey survey = survey(marked(1, new NodeSlot(0, 1)), node(2, Optional.empty()));
    Fit tooMany = Adoption.late(survey, new Adoption.Late(ledger, TYPE, 1));
    assertThat(tooMany).isInstanceOf(Fit.Refuse.class);
    assertThat(((Fit.Refuse) tooMany).why()).contains("ws2").contains("needs 1 nodes");
    Fit other = Adoption.late(survey, new Adoption.Late(ledger, "Standard_NC12s_v3", 2));
    assertThat(other).isInstanceOf(Fit.Refuse.class);
    assertThat(((Fit.Refuse) other).why()).contains("ws2 (" + TYPE + ")");
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
