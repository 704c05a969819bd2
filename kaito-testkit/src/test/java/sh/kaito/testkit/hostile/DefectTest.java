package sh.kaito.testkit.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import sh.kaito.testkit.KubeApiServer;

/** What is missing is missed at the start. */
class DefectTest {
  @Test
  void withoutTheCelLibraryNoServerStarts() throws IOException, ReflectiveOperationException {
    try (URLClassLoader loader =
        new URLClassLoader(withoutCel(), ClassLoader.getPlatformClassLoader())) {
      Class<?> type = loader.loadClass(KubeApiServer.class.getName());
      assertThat(type).as("loaded anew").isNotEqualTo(KubeApiServer.class);
      assertThatThrownBy(() -> type.getMethod("start").invoke(null))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .hasMessageContaining("dev.cel:cel");
    }
  }

  private static URL[] withoutCel() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    String path = System.getProperty("java.class.path");
    for (String entry : path.split(Pattern.quote(File.pathSeparator), -1)) {
      if (!entry.replace('\\', '/').contains("/dev/cel/")) {
        urls.add(new File(entry).toURI().toURL());
      }
    }
    return urls.toArray(URL[]::new);
  }
}
