package io.cashew.proxy.config;

import static io.cashew.proxy.config.Kinds.mustBe;
import static io.cashew.proxy.config.Kinds.scalar;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.typesafe.config.ConfigUtil;
import io.cashew.hashing.distribution.DistributionFactory;
import io.cashew.hashing.distribution.Distributions;
import io.cashew.hashing.distribution.JedisPointNames;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import io.cashew.hashing.function.TagPattern;
import java.util.Arrays;
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

  static Kind<Optional<TagPattern>> keyTag() {
    String form = "a regular expression in quotes, or none";
    return Kind.<Optional<TagPattern>>of(
            form,
            value -> {
              String text = scalar(value, form);
              if (text.equals("none")) {
                return Optional.empty();
              }
              try {
                return Optional.of(TagPattern.of(text));
              } catch (IllegalArgumentException refused) {
                throw new BadValue(refused.getMessage() + ": '" + text + "'");
              }
            })
        .shownAs(tag -> tag.map(TagPattern::text).map(ConfigUtil::quoteString).orElse("none"))
        .asText();
  }

  static Kind<JedisPointNames> pointNames() {
    String form = "\"2.9\" or \"2.10\", a version of Jedis";
    return Kind.text(
        form,
        JedisPointNames::text,
        value -> {
          String text = scalar(value, form);
          return Arrays.stream(JedisPointNames.values())
              .filter(each -> each.text().equals(text))
              .findFirst()
              .orElseThrow(() -> mustBe(form, text));
        });
  }

  private static String tagText(Optional<HashTag> tag) {
    return tag.map(
            given ->
                ConfigUtil.quoteString(new String(new byte[] {given.open(), given.close()}, UTF_8)))
        .orElse("none");
  }
}
