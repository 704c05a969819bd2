package sh.kaito.samples.quickstart;

/** From a Workspace to an answer, on a simulated cluster. */
public final class Quickstart {
  private Quickstart() {}

  public static void main(String[] args) {
    System.out.println("quickstart");
  }
}
