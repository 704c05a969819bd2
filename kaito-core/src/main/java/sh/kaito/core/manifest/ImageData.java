package sh.kaito.core.manifest;

/** Init containers that bring the {@code /data} of an image into a volume. */
final class ImageData {
  /** Directory below which each puller finds its registry credentials. */
  static final String CREDENTIALS = "/root/.docker/config.d/";

  private ImageData() {}

  /**
   * The image itself copies; the kubelet pulls it with the identity of the node. It needs a shell,
   * {@code mkdir} and {@code cp}.
   *
   * @param required file that must then be there; may be empty
   */
  static Container copy(String name, String image, String directory, String required) {
    return new Container(
            name,
            image,
            Arguments.shell("copy", Scripts.COPY.text()).add("/data").add(directory).add(required))
        .showLogOfFailure();
  }

  /** A puller copies, with credentials; the image is not run. */
  static Container pull(
      String name,
      String puller,
      String image,
      String directory,
      String required,
      String credentials) {
    return new Container(
            name,
            puller,
            Arguments.shell("pull", Scripts.PULL.text())
                .add(image)
                .add(directory)
                .add(required)
                .add(credentials))
        .showLogOfFailure();
  }
}
