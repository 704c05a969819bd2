package sh.kaito.testkit.tck;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.api.provision.ProvisionerContext;
import sh.kaito.core.provision.ClaimProvisioner;

/** Provisioners with one defect each, and the rule that finds it. */
class BrokenProvisionersTest {

  private static void isFound(String rule, Supplier<NodeProvisioner> broken) {
    TckRule found =
        NodeProvisionerTck.rules(ClaimFixture.nodeClaims(broken)).stream()
            .filter(one -> one.name().equals(rule))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no such rule: " + rule));
    assertThatThrownBy(found::check)
        .as("the rule that finds it: %s", rule)
        .isInstanceOf(AssertionError.class);
  }

  private static NodeProvisioner over(Supplier<UnaryOperator<KubeTransport>> defect) {
    return new Decorated() {
      @Override
      ProvisionerContext context(ProvisionerContext context) {
        return ProvisionerContext.builder()
            .from(context)
            .transport(defect.get().apply(context.transport()))
            .build();
      }
    };
  }

  @Test
  void randomNames() {
    Supplier<NodeProvisioner> broken =
        () ->
            new Decorated() {
              @Override
              ProvisionerContext context(ProvisionerContext context) {
                return ProvisionerContext.builder()
                    .from(context)
                    .installation(UUID.randomUUID().toString())
                    .build();
              }
            };
    isFound("names depend on owner, slot and epoch alone", broken);
    isFound("a restart every twenty seconds buys nothing twice", broken);
    isFound("two processes at once buy one node for each slot", broken);
  }

  @Test
  void buysTwice() {
    Supplier<NodeProvisioner> broken =
        () ->
            over(
                () ->
                    next ->
                        new Exchanges(next) {
                          @Override
                          public CompletionStage<KubeResponse> exchange(KubeRequest request) {
                            if (request.info().verb().equals("create")) {
                              String body = new String(request.body(), UTF_8);
                              String again = body.replaceFirst("\"name\":\"k", "\"name\":\"kk");
                              var unused =
                                  next.exchange(
                                      KubeRequest.post(request.path(), again.getBytes(UTF_8))
                                          .build());
                            }
                            return next.exchange(request);
                          }
                        });
    isFound("each slot gets one node, and the set is READY with their names", broken);
    isFound("ensure may be repeated any number of times", broken);
  }

  @Test
  void saysGoneFromItsCache() {
    Supplier<NodeProvisioner> broken =
        () ->
            over(
                () ->
                    next ->
                        new Exchanges(next) {
                          @Override
                          public CompletionStage<KubeResponse> exchange(KubeRequest request) {
                            boolean sweep =
                                request.info().verb().equals("list")
                                    && request
                                        .query("labelSelector")
                                        .filter(s -> s.contains("="))
                                        .isPresent();
                            return sweep
                                ? CompletableFuture.completedFuture(
                                    KubeResponse.of(
                                        200,
                                        Map.of(),
                                        "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}"
                                            .getBytes(UTF_8)))
                                : next.exchange(request);
                          }
                        });
    isFound("GONE is proved by a live look, not by a cache", broken);
  }

  @Test
  void buysAKnownSlotAgain() {
    isFound(
        "a slot known to have existed is not bought again",
        () ->
            new Decorated() {
              @Override
              public NodeSetStatus ensure(NodeSetSpec spec) {
                NodeSetSpec.Builder forgetful = NodeSetSpec.builder().from(spec);
                return super.ensure(forgetful.knownSlots(java.util.Set.of()).build());
              }
            });
  }

  @Test
  void repeatsAtOnceWhatWasThrottled() {
    isFound(
        "Retry-After is obeyed, and the throttling is said",
        () ->
            over(
                () ->
                    next ->
                        new Exchanges(next) {
                          @Override
                          public CompletionStage<KubeResponse> exchange(KubeRequest request) {
                            return next.exchange(request)
                                .thenApply(
                                    answer ->
                                        answer.status() == 429
                                            ? KubeResponse.of(
                                                429,
                                                Map.of(),
                                                "{\"reason\":\"TooManyRequests\",\"code\":429}"
                                                    .getBytes(UTF_8))
                                            : answer);
                          }
                        }));
  }

  @Test
  void doesNotWaitForTheLookThatCounts() {
    isFound(
        "GONE is not said before the look that counts",
        () ->
            new Decorated() {
              @Override
              public NodeSetStatus release(NodeSetKey key, Instant countsFrom) {
                return super.release(key, Instant.EPOCH);
              }
            });
  }

  @Test
  void saysReadyTooEarly() {
    isFound(
        "what was bought stays when the rest is refused",
        () ->
            new Decorated() {
              @Override
              public NodeSetStatus ensure(NodeSetSpec spec) {
                NodeSetStatus status = super.ensure(spec);
                return status.ready() > 0
                    ? NodeSetStatus.builder().from(status).phase(NodePhase.READY).build()
                    : status;
              }
            });
  }

  @Test
  void waitsForAnAnswer() {
    isFound(
        "no method waits for an answer",
        () ->
            new Decorated() {
              @Override
              public NodeSetStatus ensure(NodeSetSpec spec) {
                transport()
                    .exchange(KubeRequest.get("/version").build())
                    .exceptionally(error -> KubeResponse.of(503, Map.of(), new byte[0]))
                    .toCompletableFuture()
                    .join();
                return super.ensure(spec);
              }
            });
  }

  @Test
  void eachRuleHasANameOfItsOwn() {
    assertThat(NodeProvisionerTck.rules(ClaimFixture.nodeClaims(ClaimProvisioner::gpuProvisioner)))
        .extracting(TckRule::name)
        .doesNotHaveDuplicates()
        .hasSizeGreaterThan(35);
  }

  /** A transport that spoils requests. */
  private abstract static class Exchanges implements KubeTransport {
    private final KubeTransport next;

    Exchanges(KubeTransport next) {
      this.next = next;
    }

    @Override
    public sh.kaito.api.kube.KubeWatch watch(
        KubeRequest request, sh.kaito.api.kube.KubeWatch.Listener listener) {
      return next.watch(request, listener);
    }

    @Override
    public void close() {
      next.close();
    }
  }
}
