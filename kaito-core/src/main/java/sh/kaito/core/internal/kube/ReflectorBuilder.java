package sh.kaito.core.internal.kube;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;

/** Settings of a {@link Reflector}. Not thread-safe. */
public final class ReflectorBuilder<T> {
  final KubeTransport transport;
  final Scheduler scheduler;
  final ResourceType type;
  final Decoder<T> decoder;
  final List<Index<T>> indexes = new ArrayList<>();
  final List<ReflectorListener<T>> listeners = new ArrayList<>();
  ListOptions options = ListOptions.all();
  ReflectorTimings timings = ReflectorTimings.DEFAULT;
  @Nullable Strand strand;

  ReflectorBuilder(
      KubeTransport transport, Scheduler scheduler, ResourceType type, Decoder<T> decoder) {
    this.transport = transport;
    this.scheduler = scheduler;
    this.type = type;
    this.decoder = decoder;
  }

  /** Namespace, selectors, page size, metadata only. Default: all objects in pages of 500. */
  public ReflectorBuilder<T> select(ListOptions value) {
    this.options = value;
    return this;
  }

  /** Lets {@link Snapshot#find} find objects by it. */
  public ReflectorBuilder<T> index(Index<T> value) {
    indexes.add(value);
    return this;
  }

  /** Hears everything, from the start on. */
  public ReflectorBuilder<T> listener(ReflectorListener<T> value) {
    listeners.add(value);
    return this;
  }

  /** Hears changes, from the start on. */
  public ReflectorBuilder<T> onChange(Consumer<Change<T>> value) {
    return listener(
        new ReflectorListener<>() {
          @Override
          public void onChange(Change<T> change) {
            value.accept(change);
          }
        });
  }

  /** Waits; default {@link ReflectorTimings#DEFAULT}. */
  public ReflectorBuilder<T> timings(ReflectorTimings value) {
    this.timings = value;
    return this;
  }

  /** Shares a strand, so that several reflectors and their owner run one after the other. */
  public ReflectorBuilder<T> on(Strand value) {
    this.strand = value;
    return this;
  }

  /** The reflector, not started. */
  public Reflector<T> build() {
    return new Reflector<>(this);
  }
}
