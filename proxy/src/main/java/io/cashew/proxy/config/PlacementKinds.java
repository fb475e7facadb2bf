package io.cashew.proxy.config;

import static io.cashew.proxy.config.Kinds.mustBe;
import static io.cashew.proxy.config.Kinds.scalar;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.typesafe.config.ConfigUtil;
import io.cashew.hashing.distribution.DistributionFactory;
import io.cashew.hashing.distribution.Distributions;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import java.util.Optional;

/** The kinds of value that say where keys belong. */
final class PlacementKinds {
  private PlacementKinds() {}

  static Kind<HashFunction> hash() {
    String form = "a hash: " + String.join(" ", HashFunctions.names());
    return Kind.<HashFunction>of(
            form,
            value -> {
              String text = scalar(value, form);
              if (!HashFunctions.names().contains(text)) {
                throw new BadValue(UnknownName.text("hash", text, HashFunctions.names()));
              }
              return HashFunctions.byName(text);
            })
        .shownAs(HashFunction::name);
  }

  static Kind<DistributionFactory> distribution() {
    String form = String.join(", ", Distributions.names());
    return Kind.<DistributionFactory>of(
            form,
            value -> {
              String text = scalar(value, form);
              if (!Distributions.names().contains(text)) {
                throw new BadValue(UnknownName.text("distribution", text, Distributions.names()));
              }
              return Distributions.byName(text);
            })
        .shownAs(DistributionFactory::name);
  }

  static Kind<Optional<HashTag>> hashTag() {
    String form = "two characters in quotes, or none";
    return Kind.<Optional<HashTag>>of(
            form,
            value -> {
              String text = scalar(value, form);
              if (text.equals("none")) {
                return Optional.empty();
              }
              try {
                return Optional.of(HashTag.of(text));
              } catch (IllegalArgumentException notTwoBytes) {
                throw mustBe(form, text);
              }
            })
        .shownAs(PlacementKinds::tagText);
  }

  private static String tagText(Optional<HashTag> tag) {
    return tag.map(
            given ->
                ConfigUtil.quoteString(new String(new byte[] {given.open(), given.close()}, UTF_8)))
        .orElse("none");
  }
}
