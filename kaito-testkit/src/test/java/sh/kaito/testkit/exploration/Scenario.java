package sh.kaito.testkit.exploration;

import java.time.Duration;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.adoption.GoMade;

/** What happens to a Workspace in a run, and what must be true at its end. */
enum Scenario {
  /** It is made. */
  CREATE("create", 1, true) {
    @Override
    void play(World world) {
      world.startController();
      world.apply(WORKSPACE);
    }
  },
  /** It is made and, when ready, changed; and somebody scales its workload to nothing. */
  CHANGE("change", 1, true) {
    @Override
    void play(World world) {
      world.startController();
      world.apply(WORKSPACE);
      awaitReady(world);
      world.patch(
          World.path(WORKSPACE),
          "{\"metadata\":{\"annotations\":{\"kaito.sh/enablelb\":\"True\"}}}");
      world.patch(
          "/apis/apps/v1/namespaces/default/deployments/" + KEY.name(),
          "{\"spec\":{\"replicas\":0}}");
      world.time.advance(Duration.ofSeconds(1));
    }

    @Override
    boolean isReached(World world) {
      return super.isReached(world)
          && world
              .get("/api/v1/namespaces/default/services/" + KEY.name())
              .contains("\"LoadBalancer\"");
    }
  },
  /** It is made and, when ready, deleted. */
  DELETE("delete", 1, false) {
    @Override
    void play(World world) {
      world.startController();
      world.apply(WORKSPACE);
      awaitReady(world);
      world.delete(KEY);
    }
  },
  /** It is deleted while its node is on its way. */
  CANCEL("cancel", 1, false) {
    @Override
    void play(World world) {
      world.startController();
      world.apply(WORKSPACE);
      world.until("a node was bought", () -> world.bill().bought() > 0);
      world.time.advance(Duration.ofMinutes(1));
      world.delete(KEY);
    }
  },
  /** It is deleted two seconds after it was made. */
  CANCEL_AT_ONCE("cancel-at-once", 1, false) {
    @Override
    void play(World world) {
      world.startController();
      world.apply(WORKSPACE);
      world.time.advance(Duration.ofSeconds(2));
      world.delete(KEY);
    }

    @Override
    boolean isBillRight(int bought) {
      return bought <= nodes();
    }
  },
  /** Its node is lost when it is ready. */
  NODE_LOSS("node-loss", 2, true) {
    @Override
    void play(World world) {
      world.startController();
      world.apply(WORKSPACE);
      awaitReady(world);
      for (String claim : world.running()) {
        world.send(KubeRequest.delete("/apis/karpenter.sh/v1/nodeclaims/" + claim).build());
      }
      world.until("the replacement was bought", () -> world.bill().bought() > 1);
    }
  },
  /** The controller dies and comes again while the node is on its way, and when all is ready. */
  RESTART("restart", 1, true) {
    @Override
    void play(World world) {
      world.startController();
      world.apply(WORKSPACE);
      world.time.advance(Duration.ofMinutes(2));
      world.restartControllers();
      awaitReady(world);
      world.restartControllers();
      world.time.advance(Duration.ofMinutes(1));
    }
  },
  /** Two controllers believe that they lead, until one gives up. */
  TWO_LEADERS("two-leaders", 1, true) {
    @Override
    void play(World world) {
      world.startController();
      world.startController();
      world.apply(WORKSPACE);
      awaitReady(world);
      world.endRivals();
    }
  },
  /** Its data is changed while its training runs: the Job is made anew, once. */
  RETRAIN("retrain", 1, true) {
    @Override
    void play(World world) {
      world.startController();
      world.apply(training("first"));
      world.until("the training runs", () -> world.tells(workspace(), "\"state\":\"Running\""));
      world.apply(training("second"));
      world.until("the Job was made anew", () -> world.workloads().size() > 1);
    }

    @Override
    Workspace workspace() {
      return training("first");
    }

    @Override
    int workloads() {
      return 2;
    }

    @Override
    boolean isReached(World world) {
      return world.tells(workspace(), "\"state\":\"Succeeded\"") && world.running().size() == 1;
    }
  },
  /** The Go operator made it with one node of two, and it is taken over. */
  ADOPT("adopt", 2, true) {
    @Override
    void play(World world) {
      takeOver(world);
    }

    @Override
    boolean isReached(World world) {
      return isReady(world)
          && world.running().size() == 2
          && world.running().contains("ws419b15463")
          && world.get(World.path(WORKSPACE)).contains("ws419b15463")
          && world.get(DEPLOYMENT).contains("java.kaito.sh/input-hash");
    }
  },
  /** A claim of the Go operator turns up after it was taken over, one too many; it is deleted. */
  ADOPT_LATE("adopt-late", 3, false) {
    @Override
    void play(World world) {
      GoMade go = takeOver(world);
      go.makeClaim("ws123456789");
      world.until("its node was bought", () -> world.bill().bought() > 2);
      world.delete(KEY);
    }
  },
  /** It is handed over to the Go operator when it is ready. */
  HAND_BACK("hand-back", 1, true) {
    @Override
    void play(World world) {
      world.startController();
      world.apply(WORKSPACE);
      awaitReady(world);
      world.patch(
          World.path(WORKSPACE), "{\"metadata\":{\"labels\":{\"java.kaito.sh/operator\":\"go\"}}}");
      world.until("it is handed over", () -> isReached(world));
    }

    @Override
    boolean isReached(World world) {
      return world.running().size() == 1
          && world.get(World.path(WORKSPACE)).contains("\"workspace.kaito.io/revision\":\"1\"")
          && !world.get(World.path(WORKSPACE)).contains("\"java.kaito.sh/nodes\":\"")
          && !world.get(DEPLOYMENT).contains("\"java.kaito.sh/input-hash\":\"")
          && !world.get("/apis/karpenter.sh/v1/nodeclaims").contains("\"java.kaito.sh/slot\":\"")
          && !world.get("/api/v1/nodes").contains("\"java.kaito.sh/slot\":\"");
    }
  },
  /** It is handed over two seconds after it was made, with its purchase on the way or not sent. */
  HAND_BACK_AT_ONCE("hand-back-at-once", 1, true) {
    @Override
    void play(World world) {
      world.startController();
      world.apply(WORKSPACE);
      world.time.advance(Duration.ofSeconds(2));
      world.patch(
          World.path(WORKSPACE), "{\"metadata\":{\"labels\":{\"java.kaito.sh/operator\":\"go\"}}}");
      world.until("it is handed over", () -> isReached(world));
      // What was on the way is there by then, and must not have marks that nobody looks for.
      world.time.advance(Duration.ofMinutes(10));
    }

    @Override
    boolean isReached(World world) {
      return world.running().size() <= 1
          && !world.get(World.path(WORKSPACE)).contains("\"java.kaito.sh/nodes\":\"")
          && !world
              .get("/apis/karpenter.sh/v1/nodeclaims")
              .contains("\"java.kaito.sh/owner-uid\":\"");
    }

    @Override
    boolean isBillRight(int bought) {
      return bought <= nodes();
    }

    @Override
    boolean isUntouched(World world) {
      return world.workloads().size() <= workloads();
    }
  };

  private static final Workspace WORKSPACE = Seeds.phi3();
  private static final WorkspaceKey KEY = WORKSPACE.key();
  private static final String DEPLOYMENT =
      "/apis/apps/v1/namespaces/default/deployments/" + KEY.name();

  private final String label;
  private final int nodes;
  private final boolean stays;

  Scenario(String label, int nodes, boolean stays) {
    this.label = label;
    this.nodes = nodes;
    this.stays = stays;
  }

  abstract void play(World world);

  /** Name on the command line. */
  String label() {
    return label;
  }

  /** How many nodes it takes, over the whole run. */
  int nodes() {
    return nodes;
  }

  /** Whether that many nodes are what it takes. */
  boolean isBillRight(int bought) {
    return bought == nodes;
  }

  /** Whether the Workspace is there at the end. */
  boolean stays() {
    return stays;
  }

  /** What it is about. */
  Workspace workspace() {
    return WORKSPACE;
  }

  /** How many workloads are made: one for each time that the user wished something else. */
  int workloads() {
    return 1;
  }

  /**
   * How many writes one trouble may cost: who needs more decides from what is no more so. Two who
   * see different things write against each other until they are slowed down.
   */
  int moreWrites() {
    return this == TWO_LEADERS ? 200 : 20;
  }

  /**
   * Whether no workload was made or changed without a wish of the user's: a model that restarts
   * takes minutes to load, and a training begins from its start.
   */
  boolean isUntouched(World world) {
    if (world.workloads().size() > workloads()) {
      return false;
    }
    return !stays
        || this == CHANGE
        || this == RETRAIN
        || world.get(DEPLOYMENT).contains("\"generation\":1,");
  }

  /** Whether the end is reached. */
  boolean isReached(World world) {
    if (stays) {
      return isReady(world) && world.running().size() == 1;
    }
    return world.send(KubeRequest.get(World.path(WORKSPACE)).build()).status() == 404
        && world.running().isEmpty()
        && isEmpty(world, "/apis/karpenter.sh/v1/nodeclaims")
        && isEmpty(world, "/api/v1/nodes");
  }

  private static boolean isEmpty(World world, String path) {
    return world.get(path).contains("\"items\":[]");
  }

  static void awaitReady(World world) {
    world.until("the Workspace is ready", () -> isReady(world));
  }

  private static boolean isReady(World world) {
    return world.tells(WORKSPACE, "\"state\":\"Ready\"");
  }

  /** What the Go operator made, with one node of two, until it is taken over and ready. */
  private static GoMade takeOver(World world) {
    GoMade go =
        GoMade.of(world::send, "default", world.time::advance, "v0.3.1-phi-3-mini")
            .onNodeClaims()
            .onNodes(2)
            .withoutWaiting();
    go.make();
    // Until then it might be there still, and no controller would start.
    world.time.advance(Duration.ofMinutes(10));
    world.startController();
    world.patch(
        World.path(WORKSPACE), "{\"metadata\":{\"labels\":{\"java.kaito.sh/operator\":\"java\"}}}");
    awaitReady(world);
    return go;
  }

  private static Workspace training(String data) {
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata: {name: tune-phi-3}
        resource:
          instanceType: Standard_NC24ads_A100_v4
          labelSelector: {matchLabels: {app: tune-phi-3}}
        tuning:
          preset: {name: phi-3-mini-128k-instruct}
          method: qlora
          input: {urls: ["https://data.example.org/%s.parquet"]}
          output: {volumeSource: {persistentVolumeClaim: {claimName: results}}}
        """
            .formatted(data));
  }
}
