package sh.kaito.api.model;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.google.gson.annotations.JsonAdapter;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.immutables.value.Value;

/**
 * How the values of this package are generated: the generated class stays hidden, builders are
 * nested in the value, and the JSON annotations reach the generated class (Gson looks at the
 * runtime class only, and its annotation is not inherited).
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.SOURCE)
@Value.Style(
    visibility = Value.Style.ImplementationVisibility.PACKAGE,
    overshadowImplementation = true,
    defaults = @Value.Immutable(copy = false),
    jdkOnly = true,
    depluralize = true,
    depluralizeDictionary = {"adapter:adapters", "item:items", "url:urls"},
    passAnnotations = {JsonAdapter.class, JsonSerialize.class, JsonDeserialize.class})
@interface ModelStyle {}
