package sh.kaito.core.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.util.ClientBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sh.kaito.core.internal.kube.Change;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ResourceType;

/** The reflector on real threads and a real socket. */
@Timeout(120)
class ReflectorOverHttpTest {
  private static final String NODE =
      "{\"metadata\":{\"name\":\"n%d\",\"uid\":\"u%d\",\"resourceVersion\":\"%d\"}}";

  @Test
  void listsWatchesAndStops() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    BlockingQueue<Change<String>> changes = new LinkedBlockingQueue<>();
    try (ScratchServer server = new ScratchServer();
        SystemScheduler scheduler = SystemScheduler.create();
        HttpKubeTransport transport =
            HttpKubeTransport.of(new ClientBuilder().setBasePath(server.url()).build())) {
      server.handle(
          exchange -> {
            if (exchange.getRequestURI().getQuery().contains("watch")) {
              OutputStream out = ScratchServer.stream(exchange);
              for (int i = 2; i <= 500; i++) {
                String event =
                    "{\"type\":\"ADDED\",\"object\":" + NODE.formatted(i, i, 100 + i) + "}\n";
                out.write(event.getBytes(StandardCharsets.UTF_8));
              }
              out.flush();
              if (!done.await(60, TimeUnit.SECONDS)) {
                throw new IOException("the test did not end");
              }
            } else {
              ScratchServer.reply(
                  exchange,
                  200,
                  "{\"metadata\":{\"resourceVersion\":\"101\"},\"items\":["
                      + NODE.formatted(1, 1, 101)
                      + "]}");
            }
          });
      Reflector<String> reflector =
          Reflector.builder(
                  transport,
                  scheduler,
                  ResourceType.NODES,
                  node -> node.path("metadata").path("name").asText())
              .onChange(changes::add)
              .build();
      reflector.start();
      for (int i = 1; i <= 500; i++) {
        Change<String> change = changes.poll(60, TimeUnit.SECONDS);
        assertThat(change).as("change %s", i).isNotNull();
        assertThat(change.key()).as("changes come in order").hasToString("n" + i);
      }
      assertThat(reflector.synced().toCompletableFuture()).isCompleted();
      assertThat(reflector.snapshot().size()).isEqualTo(500);
      assertThat(reflector.lastResourceVersion()).isEqualTo("600");
      reflector.stop();
      done.countDown();
    }
  }
}
