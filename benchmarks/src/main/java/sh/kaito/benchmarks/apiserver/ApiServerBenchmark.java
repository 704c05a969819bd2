package sh.kaito.benchmarks.apiserver;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.core.kube.SystemScheduler;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.VirtualScheduler;

/**
 * Measures the embedded API server and prints: start, small writes over HTTP and in process, many
 * objects under watches, threads that are left.
 */
public final class ApiServerBenchmark {
  private static final int CONNECTIONS = 16;
  private static final int OBJECTS = 50_000;
  private static final int WATCHES = 20;

  private final PrintStream out;
  private final Duration warmUp;
  private final Duration run;

  private ApiServerBenchmark(PrintStream out, Duration warmUp, Duration run) {
    this.out = out;
    this.warmUp = warmUp;
    this.run = run;
  }

  /**
   * Runs it.
   *
   * @param arguments seconds of warm-up and of measuring; 5 and 5 by default
   */
  public static void main(String[] arguments) throws Exception {
    long warmUp = arguments.length > 0 ? Long.parseLong(arguments[0]) : 5;
    long run = arguments.length > 1 ? Long.parseLong(arguments[1]) : 5;
    new ApiServerBenchmark(System.out, Duration.ofSeconds(warmUp), Duration.ofSeconds(run)).run();
  }

  private void run() throws Exception {
    line(
        "%d processors, %d MiB heap at most, Java %s",
        Runtime.getRuntime().availableProcessors(),
        Runtime.getRuntime().maxMemory() >> 20,
        Runtime.version().feature());
    Set<String> before = threads();
    start();
    overHttp();
    inProcessOnVirtualTime();
    inProcessOnThreads();
    held();
    Set<String> left = threads();
    left.removeAll(before);
    line("threads left after close                      %d %s", left.size(), left);
  }

  private void start() throws IOException {
    long cold = startOnce();
    List<Long> warm = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      warm.add(startOnce());
    }
    warm.sort(null);
    line("start until /readyz is answered, first        %,8d ms", cold / 1_000_000);
    line("start until /readyz is answered, warm         %,8.1f ms", warm.get(7) / 1e6);
  }

  private static long startOnce() throws IOException {
    long begun = System.nanoTime();
    try (KubeApiServer server = KubeApiServer.start();
        HttpConnection connection = new HttpConnection(server.url().getPort())) {
      int status = connection.send(KubeRequest.get("/readyz").build());
      if (status != 200) {
        throw new IllegalStateException("/readyz was answered " + status);
      }
      return System.nanoTime() - begun;
    }
  }

  private void overHttp() throws InterruptedException {
    try (KubeApiServer server = KubeApiServer.start()) {
      int port = server.url().getPort();
      LongAdder done = new LongAdder();
      LongAdder refused = new LongAdder();
      AtomicLong end = new AtomicLong(Long.MAX_VALUE);
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        String name = "c" + i;
        Thread client =
            new Thread(
                () -> {
                  try (HttpConnection connection = new HttpConnection(port)) {
                    for (long n = 0; System.nanoTime() < end.get(); n++) {
                      int status = connection.send(Writes.number(name, n));
                      (status < 300 ? done : refused).increment();
                    }
                  } catch (IOException e) {
                    throw new IllegalStateException("the server went away", e);
                  }
                },
                "benchmark-client-" + i);
        clients.add(client);
        client.start();
      }
      Rate rate = measured(done);
      end.set(System.nanoTime());
      for (Thread client : clients) {
        client.join();
      }
      rate("writes/s over HTTP, " + CONNECTIONS + " connections", rate);
      complain(refused);
    }
  }

  /**
   * What a counter grows once warm.
   *
   * @param perSecond of the clock on the wall
   * @param perCpuSecond of this process, clients included: comparable on a machine that others use
   */
  private record Rate(double perSecond, double perCpuSecond) {
    static Rate of(long count, long nanos, long cpuNanos) {
      return new Rate(count * 1e9 / nanos, count * 1e9 / cpuNanos);
    }
  }

  private Rate measured(LongAdder counter) throws InterruptedException {
    pause(warmUp);
    long from = counter.sum();
    long begun = System.nanoTime();
    long cpu = cpuNanos();
    pause(run);
    return Rate.of(counter.sum() - from, System.nanoTime() - begun, cpuNanos() - cpu);
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private void rate(String what, Rate rate) {
    line("%-44s %,8.0f   (%,.0f per CPU second)", what, rate.perSecond(), rate.perCpuSecond());
  }

  private static void pause(Duration time) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    boolean ignored = never.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void inProcessOnVirtualTime() {
    VirtualScheduler time = VirtualScheduler.builder().tasksPerInstant(Integer.MAX_VALUE).build();
    try (KubeApiServer server = KubeApiServer.inProcess(time)) {
      LongAdder refused = new LongAdder();
      long n = 0;
      long warm = System.nanoTime() + warmUp.toNanos();
      while (System.nanoTime() < warm) {
        n = hundred(server.transport(), time, n, refused);
      }
      long from = n;
      long begun = System.nanoTime();
      long cpu = cpuNanos();
      while (System.nanoTime() - begun < run.toNanos()) {
        n = hundred(server.transport(), time, n, refused);
      }
      rate(
          "writes/s in process, virtual time, one thread",
          Rate.of(n - from, System.nanoTime() - begun, cpuNanos() - cpu));
      complain(refused);
    }
  }

  private static long hundred(
      KubeTransport transport, VirtualScheduler time, long from, LongAdder refused) {
    for (long n = from; n < from + 100; n++) {
      var unused = transport.exchange(Writes.number("v", n)).thenAccept(a -> count(a, refused));
    }
    time.runUntilIdle();
    return from + 100;
  }

  private static void count(KubeResponse answer, LongAdder refused) {
    if (!answer.isSuccess()) {
      refused.increment();
    }
  }

  private void inProcessOnThreads() throws InterruptedException {
    int threads = Runtime.getRuntime().availableProcessors();
    try (SystemScheduler scheduler = SystemScheduler.create("benchmark", threads);
        KubeApiServer server = KubeApiServer.inProcess(scheduler)) {
      LongAdder done = new LongAdder();
      LongAdder refused = new LongAdder();
      AtomicLong end = new AtomicLong(Long.MAX_VALUE);
      CountDownLatch ended = new CountDownLatch(CONNECTIONS);
      for (int i = 0; i < CONNECTIONS; i++) {
        new Chain(server.transport(), "t" + i, done, refused, end, ended).send();
      }
      Rate rate = measured(done);
      end.set(System.nanoTime());
      ended.await();
      rate("writes/s in process, " + CONNECTIONS + " callers, " + threads + " threads", rate);
      complain(refused);
    }
  }

  /** A caller that sends its next request when the last is answered. */
  private static final class Chain {
    private final KubeTransport transport;
    private final String name;
    private final LongAdder done;
    private final LongAdder refused;
    private final AtomicLong end;
    private final CountDownLatch ended;
    private long n;

    Chain(
        KubeTransport transport,
        String name,
        LongAdder done,
        LongAdder refused,
        AtomicLong end,
        CountDownLatch ended) {
      this.transport = transport;
      this.name = name;
      this.done = done;
      this.refused = refused;
      this.end = end;
      this.ended = ended;
    }

    void send() {
      var unused =
          transport
              .exchange(Writes.number(name, n++))
              .thenAccept(
                  answer -> {
                    count(answer, refused);
                    done.increment();
                    if (System.nanoTime() < end.get()) {
                      send();
                    } else {
                      ended.countDown();
                    }
                  });
    }
  }

  private void held() throws InterruptedException {
    int threads = Runtime.getRuntime().availableProcessors();
    try (SystemScheduler scheduler = SystemScheduler.create("benchmark", threads);
        KubeApiServer server =
            KubeApiServer.builder().inProcess(scheduler).historyLimit(OBJECTS).build()) {
      long empty = heap();
      CountDownLatch events = new CountDownLatch(OBJECTS * WATCHES);
      List<KubeWatch> watches = new ArrayList<>();
      for (int i = 0; i < WATCHES; i++) {
        watches.add(server.transport().watch(Writes.watch(), new Counting(events)));
      }
      LongAdder refused = new LongAdder();
      CountDownLatch created = new CountDownLatch(OBJECTS);
      long begun = System.nanoTime();
      AtomicLong next = new AtomicLong();
      for (int i = 0; i < CONNECTIONS; i++) {
        createNext(server.transport(), next, refused, created);
      }
      created.await();
      double writing = (System.nanoTime() - begun) / 1e9;
      if (!events.await(2, TimeUnit.MINUTES)) {
        line("  NOT VALID: %,d events did not come", events.getCount());
      }
      double delivered = (System.nanoTime() - begun) / 1e9;
      line(
          "%,d objects created under %d watches      %,8.0f writes/s, %,.0f events/s",
          OBJECTS, WATCHES, OBJECTS / writing, OBJECTS * (double) WATCHES / delivered);
      line("heap per object, history included             %,8d bytes", (heap() - empty) / OBJECTS);
      complain(refused);
      watches.forEach(KubeWatch::close);
    }
  }

  private static void createNext(
      KubeTransport transport, AtomicLong next, LongAdder refused, CountDownLatch created) {
    long n = next.getAndIncrement();
    if (n < OBJECTS) {
      var unused =
          transport
              .exchange(Writes.create(n))
              .thenAccept(
                  answer -> {
                    count(answer, refused);
                    created.countDown();
                    createNext(transport, next, refused, created);
                  });
    }
  }

  private static final class Counting implements KubeWatch.Listener {
    private final CountDownLatch events;

    Counting(CountDownLatch events) {
      this.events = events;
    }

    @Override
    public void onEvent(byte[] event) {
      events.countDown();
    }

    @Override
    public void onRejected(KubeResponse response) {
      throw new IllegalStateException("a watch was refused: " + response.bodyText());
    }

    @Override
    public void onEnd(@Nullable Throwable cause) {
      // The benchmark is over.
    }
  }

  private static long heap() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private void complain(LongAdder refused) {
    if (refused.sum() > 0) {
      line("  NOT VALID: %d requests were refused", refused.sum());
    }
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
