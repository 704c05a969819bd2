package sh.kaito.api.validation;

import io.kubernetes.client.openapi.models.V1Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import sh.kaito.api.internal.text.FieldPath;
import sh.kaito.api.internal.text.Names;
import sh.kaito.api.internal.text.PublicUrl;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.model.AdapterSpec;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.DataDestination;
import sh.kaito.api.model.DataSource;

/** Rules for adapters, tuning input and tuning output. */
final class SourceRules {

  /**
   * Decimal as Go and Python both read it; hexadecimal, which only Go reads, would crash the
   * server.
   */
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?([0-9]{1,64}(\\.[0-9]{0,64})?|\\.[0-9]{1,64})([eE][+-]?[0-9]{1,4})?");

  private SourceRules() {}

  static void adapter(String path, AdapterSpec adapter, ApiVersion version, Findings findings) {
    adapter.strength().ifPresent(strength -> strength(path + ".strength", strength, findings));
    if (adapter.source().isEmpty()) {
      findings.add(
          "V-62",
          Violation.error(path + ".source", "required field is missing")
              .action("add source with name and image"));
      return;
    }
    DataSource source = adapter.source().get();
    String sourcePath = path + ".source";
    Optional<String> name = source.name().filter(text -> !text.isEmpty());
    if (name.isEmpty()) {
      findings.add(
          "V-63",
          Violation.error(sourcePath + ".name", "required field is missing")
              .action("add a name; it becomes a directory and an environment variable"));
    } else {
      name(sourcePath + ".name", name.get(), version, "V-63", findings);
    }
    if (!source.urls().isEmpty()) {
      findings.add(
          "V-65",
          Violation.error(sourcePath + ".urls", "adapters are not downloaded from URLs")
              .addAllowed("image", "volumeSource")
              .action("put the adapter into an image or a volume"));
    }
    one(sourcePath, "V-64", given(source, false), List.of("image", "volumeSource"), findings);
    common(sourcePath, source, "V-92b", findings);
  }

  static void input(String path, DataSource source, ApiVersion version, Findings findings) {
    source.name().ifPresent(name -> name(path + ".name", name, version, "input-name", findings));
    one(path, "V-90", given(source, true), List.of("urls", "volumeSource", "image"), findings);
    for (int i = 0; i < source.urls().size(); i++) {
      url(FieldPath.index(path + ".urls", i), source.urls().get(i), findings);
    }
    common(path, source, "V-92b", findings);
  }

  static void output(String path, DataDestination output, Findings findings) {
    List<String> given = new ArrayList<>();
    output.volumeSource().ifPresent(volume -> given.add("volumeSource"));
    Optional<String> image = output.image().filter(text -> !text.isEmpty());
    image.ifPresent(text -> given.add("image"));
    one(path, "V-97b", given, List.of("image", "volumeSource"), findings);
    output.volumeSource().ifPresent(volume -> hostPath(path + ".volumeSource", volume, findings));
    boolean secret = output.imagePushSecret().filter(text -> !text.isEmpty()).isPresent();
    if (image.isPresent()) {
      findings.image(path + ".image", image.get(), "V-92b");
      if (image.get().indexOf('@') >= 0) {
        findings.add(
            "V-97b",
            Violation.error(
                    path + ".image", "the digest of an image that is still to be made is unknown")
                .found(Quoted.shorten(image.get()))
                .action("name a tag instead of a digest"));
      }
      if (!secret) {
        findings.add(
            "V-97b",
            Violation.error(path + ".imagePushSecret", "required with image")
                .action("name a Secret of type kubernetes.io/dockerconfigjson in this namespace"));
      }
    } else if (secret) {
      findings.add(
          "V-97b",
          Violation.warning(path + ".imagePushSecret", "has no effect without image")
              .action("add image, or remove it"));
    }
    if (secret) {
      findings.objectName(path + ".imagePushSecret", output.imagePushSecret(), "object-name");
    }
  }

  static void hostPath(String path, V1Volume volume, Findings findings) {
    if (volume.getHostPath() != null) {
      findings.add(
          "host-path",
          Violation.warning(
                  path + ".hostPath",
                  "a directory of the node: whoever writes Workspaces reads and writes files there, and"
                      + " the data stays behind when the node goes")
              .action("use a persistentVolumeClaim"));
    }
  }

  private static void common(String path, DataSource source, String imageRule, Findings findings) {
    source
        .image()
        .filter(image -> !image.isEmpty())
        .ifPresent(image -> findings.image(path + ".image", image, imageRule));
    source.volumeSource().ifPresent(volume -> hostPath(path + ".volumeSource", volume, findings));
    findings.objectNames(path + ".imagePullSecrets", source.imagePullSecrets(), "object-name");
  }

  private static List<String> given(DataSource source, boolean withUrls) {
    List<String> given = new ArrayList<>();
    if (withUrls && !source.urls().isEmpty()) {
      given.add("urls");
    }
    source.volumeSource().ifPresent(volume -> given.add("volumeSource"));
    source.image().filter(image -> !image.isEmpty()).ifPresent(image -> given.add("image"));
    return given;
  }

  private static void one(
      String path, String rule, List<String> given, List<String> allowed, Findings findings) {
    if (given.size() == 1) {
      return;
    }
    findings.add(
        rule,
        given.isEmpty()
            ? Violation.error(path, "names no place for the data")
                .allowed(allowed)
                .action("set exactly one of them")
            : Violation.error(path, String.join(" and ", given) + " are set together")
                .found(String.join(", ", given))
                .allowed(allowed)
                .action("keep exactly one of them"));
  }

  /** v1alpha1 let capitals through, v1beta1 dots; pods get names derived from either. */
  private static void name(
      String path, String name, ApiVersion version, String rule, Findings findings) {
    String text = version == ApiVersion.V1ALPHA1 ? name.toLowerCase(Locale.ROOT) : name;
    Names.subdomainProblem(text)
        .ifPresent(
            problem -> {
              Violation.Builder violation =
                  Violation.error(path, "the name " + Quoted.of(name) + " " + problem)
                      .found(Quoted.shorten(name))
                      .action("rename it");
              Names.repaired(name).ifPresent(violation::nearest);
              findings.add(rule, violation);
            });
  }

  private static void strength(String path, String strength, Findings findings) {
    if (!DECIMAL.matcher(strength).matches()) {
      findings.add(
          "V-66",
          Violation.error(path, "not a decimal number: " + Quoted.of(strength))
              .found(Quoted.shorten(strength))
              .action("write a number from 0 to 1 in quotes, such as \"0.5\""));
      return;
    }
    double value = Double.parseDouble(strength);
    if (value < 0 || value > 1) {
      findings.add(
          "V-67",
          Violation.error(path, "the strength " + Quoted.shorten(strength) + " is outside 0 to 1")
              .found(Quoted.shorten(strength))
              .nearest(value < 0 ? "0" : "1")
              .action("write a number from 0 to 1 in quotes"));
    }
  }

  private static void url(String path, String url, Findings findings) {
    PublicUrl.problem(url)
        .ifPresent(
            problem ->
                findings.add(
                    "V-94",
                    Violation.error(path, "the URL " + Quoted.url(url) + " " + problem)
                        .found(Quoted.url(url))
                        .action(
                            "name a public http or https URL; mount private data as a volume or image")));
    if (PublicUrl.hasCredentials(url)) {
      findings.add(
          "url-credentials",
          Violation.warning(
                  path,
                  "the URL carries a user name or password, which everybody who may read the Workspace sees")
              .action("mount private data as a volume or image"));
    }
  }
}
