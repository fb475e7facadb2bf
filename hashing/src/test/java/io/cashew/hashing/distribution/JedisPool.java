package io.cashew.hashing.distribution;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.TestFiles;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.TagPattern;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.json.JSONArray;
import org.json.JSONObject;

/**
 * One list of shards of a golden file, and where the real jars of Jedis had each key.
 *
 * @param title for messages
 * @param tag empty: whole keys are hashed
 * @param members in the order of the list
 * @param pointCount different points of the ring
 * @param keys by place
 * @param nodes index of the shard of the key at this place
 */
record JedisPool(
    String title,
    Optional<TagPattern> tag,
    List<Member> members,
    DistributionOptions options,
    int pointCount,
    List<byte[]> keys,
    List<Integer> nodes) {

  static List<JedisPool> read(Path file) {
    JSONArray pools = new JSONArray(TestFiles.text(file));
    return IntStream.range(0, pools.length())
        .mapToObj(i -> of(file.getFileName() + "[" + i + "]", pools.getJSONObject(i)))
        .toList();
  }

  static JedisPool of(String title, JSONObject json) {
    JSONObject pool = json.getJSONObject("pool");
    List<byte[]> keys = new ArrayList<>();
    List<Integer> nodes = new ArrayList<>();
    for (Object row : json.has("keys") ? json.getJSONArray("keys") : new JSONArray()) {
      keys.add(HexFormat.of().parseHex(((JSONArray) row).getString(0)));
      nodes.add(((JSONArray) row).getInt(1));
    }
    return new JedisPool(
        title + " " + pool.getString("hash"),
        pool.isNull("key_tag")
            ? Optional.empty()
            : Optional.of(TagPattern.of(pool.getString("key_tag"))),
        members(pool.getJSONArray("servers")),
        new DistributionOptions(
            160, HashFunctions.byName(pool.getString("hash")), pointNames(pool)),
        pool.optInt("continuum_points"),
        keys,
        nodes);
  }

  private static JedisPointNames pointNames(JSONObject pool) {
    return pool.optString("point_names").equals("2.9")
        ? JedisPointNames.UP_TO_2_9
        : JedisPointNames.FROM_2_10;
  }

  private static List<Member> members(JSONArray servers) {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < servers.length(); i++) {
      JSONObject server = servers.getJSONObject(i);
      boolean named = !server.isNull("name");
      String name = named ? server.getString("name") : "127.0.0.1:" + server.getInt("port");
      members.add(new Member(i, name, server.getInt("weight"), List.of(), named));
    }
    return members;
  }

  boolean hasDifferentNames() {
    return members.stream().map(Member::name).distinct().count() == members.size();
  }

  ShardedJedis ring() {
    return new ShardedJedis(members, options);
  }

  KeyMapper mapper() {
    return new KeyMapper(options.hash(), tag, ring(), members.size());
  }
}
