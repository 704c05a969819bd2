package sh.kaito.testkit.internal.schema;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelBuilder;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelOptionalLibrary;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The CEL environment of custom resources: the standard library, strings, sets, optionals, and
 * Kubernetes' own functions for lists, regular expressions, URLs, quantities, IP addresses and
 * networks.
 */
final class CelEnvironment {
  private static final CelType QUANTITY = OpaqueType.create("kubernetes.Quantity");
  private static final CelType URL = OpaqueType.create("kubernetes.URL");
  private static final CelType IP = OpaqueType.create("net.IP");
  private static final CelType CIDR = OpaqueType.create("net.CIDR");
  private static final CelType LIST = ListType.create(SimpleType.DYN);

  private final Map<String, List<CelOverloadDecl>> declarations = new LinkedHashMap<>();
  private final List<CelFunctionBinding> bindings = new ArrayList<>();

  private CelEnvironment() {}

  /** An environment to evaluate in: {@code self} may be anything. */
  static Cel with(CelType oldSelf) {
    return with(SimpleType.DYN, oldSelf, null);
  }

  /** An environment with {@code self} and {@code oldSelf} of a type. */
  static Cel with(CelType self, CelType oldSelf, @Nullable CelTypeProvider types) {
    CelOptions options =
        CelOptions.current()
            .enableHeterogeneousNumericComparisons(true)
            .evaluateCanonicalTypesToNativeValues(true)
            .build();
    CelEnvironment functions = new CelEnvironment();
    functions.quantities();
    functions.urls();
    functions.addresses();
    functions.lists();
    functions.expressions();
    CelBuilder builder =
        CelFactory.standardCelBuilder()
            .setOptions(options)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addCompilerLibraries(
                CelOptionalLibrary.INSTANCE, CelExtensions.strings(), CelExtensions.sets(options))
            .addRuntimeLibraries(
                CelOptionalLibrary.INSTANCE, CelExtensions.strings(), CelExtensions.sets(options))
            .addVar("self", self)
            .addVar("oldSelf", oldSelf);
    if (types != null) {
      builder.setTypeProvider(types);
    }
    functions.declarations.forEach(
        (name, overloads) ->
            builder.addFunctionDeclarations(
                CelFunctionDecl.newFunctionDeclaration(name, overloads)));
    return builder.addFunctionBindings(functions.bindings).build();
  }

  private void declare(
      String name, boolean member, String id, CelType result, CelType... arguments) {
    declarations
        .computeIfAbsent(name, n -> new ArrayList<>())
        .add(
            member
                ? CelOverloadDecl.newMemberOverload(id, result, Arrays.asList(arguments))
                : CelOverloadDecl.newGlobalOverload(id, result, Arrays.asList(arguments)));
  }

  private <A> void global(
      String name, CelType result, CelType type, Class<A> java, CelFunctionOverload.Unary<A> body) {
    String id = id(name, type);
    declare(name, false, id, result, type);
    bindings.add(CelFunctionBinding.from(id, java, body));
  }

  private <A> void member(
      String name, CelType result, CelType type, Class<A> java, CelFunctionOverload.Unary<A> body) {
    String id = "member_" + id(name, type);
    declare(name, true, id, result, type);
    bindings.add(CelFunctionBinding.from(id, java, body));
  }

  private <A, B> void member(
      String name,
      CelType result,
      CelType type,
      Class<A> java,
      CelType argument,
      Class<B> argumentJava,
      CelFunctionOverload.Binary<A, B> body) {
    String id = "member_" + id(name, type) + "_" + argument.name();
    declare(name, true, id, result, type, argument);
    bindings.add(CelFunctionBinding.from(id, java, argumentJava, body));
  }

  private static String id(String name, CelType type) {
    return "k8s_" + name + "_" + type.name();
  }

  private void quantities() {
    Class<Quantity> java = Quantity.class;
    global("quantity", QUANTITY, SimpleType.STRING, String.class, CelFunctions::quantity);
    global(
        "isQuantity", SimpleType.BOOL, SimpleType.STRING, String.class, CelFunctions::isQuantity);
    member("sign", SimpleType.INT, QUANTITY, java, q -> (long) q.value().signum());
    member("isInteger", SimpleType.BOOL, QUANTITY, java, CelFunctions::isInteger);
    member("asInteger", SimpleType.INT, QUANTITY, java, CelFunctions::asInteger);
    member("asApproximateFloat", SimpleType.DOUBLE, QUANTITY, java, q -> q.value().doubleValue());
    member(
        "isLessThan",
        SimpleType.BOOL,
        QUANTITY,
        java,
        QUANTITY,
        java,
        (a, b) -> a.value().compareTo(b.value()) < 0);
    member(
        "isGreaterThan",
        SimpleType.BOOL,
        QUANTITY,
        java,
        QUANTITY,
        java,
        (a, b) -> a.value().compareTo(b.value()) > 0);
    member(
        "compareTo",
        SimpleType.INT,
        QUANTITY,
        java,
        QUANTITY,
        java,
        (a, b) -> (long) a.value().compareTo(b.value()));
    for (String operation : List.of("add", "sub")) {
      boolean add = operation.equals("add");
      member(
          operation,
          QUANTITY,
          QUANTITY,
          java,
          QUANTITY,
          java,
          (a, b) -> CelFunctions.sum(a, b.value(), add));
      member(
          operation,
          QUANTITY,
          QUANTITY,
          java,
          SimpleType.INT,
          Long.class,
          (a, b) -> CelFunctions.sum(a, BigDecimal.valueOf(b), add));
    }
  }

  private void urls() {
    Class<GoUrl> java = GoUrl.class;
    global("url", URL, SimpleType.STRING, String.class, GoUrl::parseOrFail);
    global("isURL", SimpleType.BOOL, SimpleType.STRING, String.class, GoUrl::isUrl);
    member("getScheme", SimpleType.STRING, URL, java, GoUrl::scheme);
    member("getHost", SimpleType.STRING, URL, java, GoUrl::host);
    member("getHostname", SimpleType.STRING, URL, java, GoUrl::hostname);
    member("getPort", SimpleType.STRING, URL, java, GoUrl::port);
    member("getEscapedPath", SimpleType.STRING, URL, java, GoUrl::path);
    member(
        "getQuery",
        dev.cel.common.types.MapType.create(SimpleType.STRING, ListType.create(SimpleType.STRING)),
        URL,
        java,
        GoUrl::queryValues);
  }

  private void addresses() {
    Class<CelIp> ip = CelIp.class;
    Class<CelIp.Cidr> cidr = CelIp.Cidr.class;
    global("ip", IP, SimpleType.STRING, String.class, CelIp::parseOrFail);
    global("isIP", SimpleType.BOOL, SimpleType.STRING, String.class, t -> CelIp.parse(t) != null);
    global("ip.isCanonical", SimpleType.BOOL, SimpleType.STRING, String.class, CelIp::isCanonical);
    global("string", SimpleType.STRING, IP, ip, CelIp::toString);
    member("family", SimpleType.INT, IP, ip, CelIp::family);
    member("isUnspecified", SimpleType.BOOL, IP, ip, a -> a.address().isAnyLocalAddress());
    member("isLoopback", SimpleType.BOOL, IP, ip, a -> a.address().isLoopbackAddress());
    member("isLinkLocalMulticast", SimpleType.BOOL, IP, ip, a -> a.address().isMCLinkLocal());
    member("isLinkLocalUnicast", SimpleType.BOOL, IP, ip, a -> a.address().isLinkLocalAddress());
    member("isGlobalUnicast", SimpleType.BOOL, IP, ip, CelIp::isGlobalUnicast);
    global("cidr", CIDR, SimpleType.STRING, String.class, CelIp.Cidr::parseOrFail);
    global(
        "isCIDR",
        SimpleType.BOOL,
        SimpleType.STRING,
        String.class,
        t -> CelIp.Cidr.parse(t) != null);
    global("string", SimpleType.STRING, CIDR, cidr, CelIp.Cidr::toString);
    member("ip", IP, CIDR, cidr, CelIp.Cidr::ip);
    member("prefixLength", SimpleType.INT, CIDR, cidr, c -> (long) c.bits());
    member("masked", CIDR, CIDR, cidr, CelIp.Cidr::masked);
    member("containsIP", SimpleType.BOOL, CIDR, cidr, IP, ip, CelIp.Cidr::contains);
    member(
        "containsIP",
        SimpleType.BOOL,
        CIDR,
        cidr,
        SimpleType.STRING,
        String.class,
        (c, text) -> c.contains(CelIp.parseOrFail(text)));
    member("containsCIDR", SimpleType.BOOL, CIDR, cidr, CIDR, cidr, CelIp.Cidr::containsAll);
    member(
        "containsCIDR",
        SimpleType.BOOL,
        CIDR,
        cidr,
        SimpleType.STRING,
        String.class,
        (c, text) -> c.containsAll(CelIp.Cidr.parseOrFail(text)));
  }

  @SuppressWarnings({"rawtypes", "unchecked"})
  private void lists() {
    member("isSorted", SimpleType.BOOL, LIST, List.class, CelFunctions::isSorted);
    member("sum", SimpleType.DYN, LIST, List.class, CelFunctions::sum);
    member("min", SimpleType.DYN, LIST, List.class, list -> CelFunctions.extreme(list, -1));
    member("max", SimpleType.DYN, LIST, List.class, list -> CelFunctions.extreme(list, 1));
    member(
        "indexOf",
        SimpleType.INT,
        LIST,
        List.class,
        SimpleType.DYN,
        Object.class,
        (list, item) -> (long) list.indexOf(item));
    member(
        "lastIndexOf",
        SimpleType.INT,
        LIST,
        List.class,
        SimpleType.DYN,
        Object.class,
        (list, item) -> (long) list.lastIndexOf(item));
  }

  private void expressions() {
    member(
        "find",
        SimpleType.STRING,
        SimpleType.STRING,
        String.class,
        SimpleType.STRING,
        String.class,
        CelFunctions::find);
    member(
        "findAll",
        ListType.create(SimpleType.STRING),
        SimpleType.STRING,
        String.class,
        SimpleType.STRING,
        String.class,
        CelFunctions::findAll);
  }
}
