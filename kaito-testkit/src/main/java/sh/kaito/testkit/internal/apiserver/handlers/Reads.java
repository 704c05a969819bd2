package sh.kaito.testkit.internal.apiserver.handlers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.selectors.FieldSelector;
import sh.kaito.testkit.internal.apiserver.selectors.LabelSelector;
import sh.kaito.testkit.internal.apiserver.selectors.SelectableFields;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.apiserver.watch.WatchScope;
import sh.kaito.testkit.internal.apiserver.watch.WatchStream;
import sh.kaito.testkit.internal.json.Json;

/** get, list and watch. */
final class Reads {
  private final Store store;
  private final Render render;
  private final Scheduler scheduler;

  Reads(Store store, Render render, Scheduler scheduler) {
    this.store = store;
    this.render = render;
    this.scheduler = scheduler;
  }

  /** One page of a list. */
  record Page(List<StoredObject> objects, Map<String, Object> metadata) {}

  StoredObject get(Call call) {
    String version = call.query("resourceVersion");
    if (version != null && !version.isEmpty()) {
      long asked = Resources.parseVersion(version);
      if (asked > store.revision()) {
        throw ApiFailure.tooLargeResourceVersion(asked, store.revision());
      }
    }
    StoredObject object = store.get(call.type.storage(), call.key());
    if (object == null) {
      throw ApiFailure.notFound(call.type, call.name());
    }
    return object;
  }

  WatchScope scope(Call call) {
    ResourceType type = call.type;
    LabelSelector labels = LabelSelector.parse(call.query("labelSelector"));
    FieldSelector fields = SelectableFields.of(type).parse(call.query("fieldSelector"));
    String namespace = type.namespaced() ? call.namespace() : null;
    if (namespace == null && type.namespaced()) {
      namespace = fields.required("metadata.namespace");
    }
    return new WatchScope(
        type.storage(),
        namespace == null || namespace.isEmpty() ? "" : namespace + "/",
        labels,
        fields);
  }

  Page list(Call call) {
    Long limit = call.number("limit");
    call.number("timeoutSeconds");
    LabelSelector.parse(call.query("labelSelector"));
    FieldSelector.parse(call.query("fieldSelector"));
    checkListOptions(call, false);
    WatchScope scope = scope(call);
    String continued = call.query("continue");
    if (continued != null && !continued.isEmpty()) {
      return next(call, scope, limit == null ? 0 : limit, continued);
    }
    String version = call.query("resourceVersion");
    Store.Snapshot snapshot;
    if (version == null || version.isEmpty() || version.equals("0")) {
      snapshot = store.list(scope.storage(), scope.prefix());
    } else {
      long asked = listVersion(version);
      if (asked > store.revision()) {
        throw ApiFailure.tooLargeResourceVersion(asked, store.revision());
      }
      snapshot =
          "Exact".equals(call.query("resourceVersionMatch"))
              ? past(scope, asked)
              : store.list(scope.storage(), scope.prefix());
    }
    return page(call, scope, snapshot, "", limit == null ? 0 : limit);
  }

  private Store.Snapshot past(WatchScope scope, long revision) {
    try {
      return store.listAt(scope.storage(), scope.prefix(), revision);
    } catch (Store.Compacted e) {
      throw ApiFailure.expired("The resourceVersion for the provided list is too old.");
    }
  }

  private static long listVersion(String version) {
    try {
      return Long.parseUnsignedLong(version);
    } catch (NumberFormatException e) {
      throw ApiFailure.badRequest(
          "resourceVersion: Invalid value: "
              + Quoting.go(version)
              + ": strconv.ParseUint: parsing "
              + Quoting.go(version)
              + ": invalid syntax");
    }
  }

  private Page page(
      Call call, WatchScope scope, Store.Snapshot snapshot, String after, long limit) {
    List<StoredObject> selected = new ArrayList<>();
    StoredObject last = null;
    boolean more = false;
    int remaining = 0;
    for (StoredObject object : snapshot.objects()) {
      if (object.key().compareTo(after) <= 0 && !after.isEmpty()) {
        continue;
      }
      if (limit > 0 && selected.size() >= limit) {
        remaining++;
        more = true;
        continue;
      }
      if (scope.contains(object)) {
        selected.add(object);
        last = object;
      }
    }
    Map<String, Object> metadata = Json.newObject();
    if (call.type.verbs().contains("watch")) {
      metadata.put("resourceVersion", Long.toString(snapshot.revision()));
    }
    // A page by name is a read of one key: nothing can follow it.
    boolean single = scope.fields().required("metadata.name") != null;
    if (more && last != null && !single) {
      metadata.put("continue", new ContinueToken(snapshot.revision(), last.key()).encode());
      if (!scope.selects()) {
        metadata.put("remainingItemCount", (long) remaining);
      }
    } else if (call.type.isCustom() && call.accept.form() == Accept.Form.WHOLE) {
      metadata.put("continue", "");
    }
    return new Page(selected, metadata);
  }

  private Page next(Call call, WatchScope scope, long limit, String continued) {
    ContinueToken token = ContinueToken.decode(continued);
    String version = call.query("resourceVersion");
    if (version != null && !version.isEmpty() && !version.equals("0")) {
      throw ApiFailure.badRequest("specifying resource version is not allowed when using continue");
    }
    Store.Snapshot snapshot;
    try {
      snapshot =
          token.revision() < 0
              ? store.list(scope.storage(), scope.prefix())
              : store.listAt(scope.storage(), scope.prefix(), token.revision());
    } catch (Store.Compacted e) {
      throw ApiFailure.expired(
              "The provided continue parameter is too old to display a consistent list result. You"
                  + " can start a new list without the continue parameter, or use the continue"
                  + " token in this response to retrieve the remainder of the results. Continuing"
                  + " with the provided token results in an inconsistent list - objects that were"
                  + " created, modified, or deleted between the time the first chunk was returned"
                  + " and now may show up in the list.")
          .withContinue(new ContinueToken(-1, token.after()).encode());
    }
    return page(call, scope, snapshot, token.after(), limit);
  }

  private static void checkListOptions(Call call, boolean watch) {
    List<Cause> causes = new ArrayList<>();
    String match = Objects.requireNonNullElse(call.query("resourceVersionMatch"), "");
    String version = call.query("resourceVersion");
    String initial = call.query("sendInitialEvents");
    boolean hasMatch = !match.isEmpty();
    boolean hasVersion = version != null && !version.isEmpty();
    if (watch) {
      if (initial != null) {
        if (!match.equals("NotOlderThan")) {
          causes.add(
              Cause.forbidden(
                  "resourceVersionMatch",
                  "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
          if (hasMatch) {
            causes.add(Cause.unsupported("resourceVersionMatch", match, "NotOlderThan"));
          }
        }
      } else if (hasMatch) {
        causes.add(
            Cause.forbidden(
                "resourceVersionMatch",
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is"
                    + " provided"));
      }
    } else {
      if (initial != null) {
        causes.add(Cause.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
      }
      if (hasMatch) {
        if (!hasVersion) {
          causes.add(
              Cause.forbidden(
                  "resourceVersionMatch",
                  "resourceVersionMatch is forbidden unless resourceVersion is provided"));
        }
        String continued = call.query("continue");
        if (continued != null && !continued.isEmpty()) {
          causes.add(
              Cause.forbidden(
                  "resourceVersionMatch",
                  "resourceVersionMatch is forbidden when continue is provided"));
        }
        if (!match.equals("Exact") && !match.equals("NotOlderThan")) {
          causes.add(Cause.unsupported("resourceVersionMatch", match, "Exact", "NotOlderThan", ""));
        }
        if (match.equals("Exact") && "0".equals(version)) {
          causes.add(
              Cause.forbidden(
                  "resourceVersionMatch",
                  "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
        }
      }
    }
    if (!causes.isEmpty()) {
      throw ApiFailure.invalid("ListOptions", "meta.k8s.io", "", causes);
    }
  }

  WatchStream watch(Call call) {
    Long timeout = call.number("timeoutSeconds");
    call.number("limit");
    LabelSelector.parse(call.query("labelSelector"));
    FieldSelector.parse(call.query("fieldSelector"));
    checkListOptions(call, true);
    WatchScope scope = scope(call);
    if (call.path.watch() && call.path.name() != null) {
      scope =
          new WatchScope(
              scope.storage(),
              scope.prefix(),
              scope.labels(),
              FieldSelector.parse("metadata.name=" + call.name()));
    }
    String version = call.query("resourceVersion");
    long asked = version == null || version.isEmpty() ? 0 : Resources.parseVersion(version);
    boolean sendInitial = call.query("sendInitialEvents") != null && call.flag("sendInitialEvents");
    boolean suppressInitial = call.query("sendInitialEvents") != null && !sendInitial;
    boolean bookmarks = call.flag("allowWatchBookmarks");
    List<StoredObject> initial = List.of();
    long from = asked;
    if ((asked == 0 && !suppressInitial) || sendInitial) {
      if (asked > store.revision()) {
        throw ApiFailure.tooLargeResourceVersion(asked, store.revision());
      }
      Store.Snapshot snapshot = store.list(scope.storage(), scope.prefix());
      WatchScope chosen = scope;
      initial = snapshot.objects().stream().filter(chosen::contains).toList();
      from = snapshot.revision();
    } else if (asked == 0) {
      from = store.revision();
    }
    // Without a time the real server draws one between 30 and 60 minutes.
    Duration life =
        timeout == null || timeout <= 0
            ? Duration.ofSeconds(1800 + scheduler.random().nextInt(1800))
            : Duration.ofSeconds(timeout);
    return new WatchStream(
        store,
        scope,
        render.events(call, call.type),
        new WatchStream.Options(bookmarks, sendInitial && bookmarks, life),
        scheduler,
        initial,
        from);
  }
}
