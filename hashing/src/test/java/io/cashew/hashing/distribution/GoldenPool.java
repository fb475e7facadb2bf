package io.cashew.hashing.distribution;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.TestFiles;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.hashing.function.HashTag;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.json.JSONArray;
import org.json.JSONObject;

/**
 * One pool of a golden file: its nodes, how they are asked, and where twemproxy had each key.
 *
 * @param title for messages
 * @param members all of the pool, in the order of the file
 * @param ejected by index: those that were out
 * @param internalOrder indices in the order of names
 * @param pointCount points of the continuum, or slots of modula
 * @param keys by place
 * @param nodes index of the node of the key at this place
 */
record GoldenPool(
    String title,
    String hash,
    Optional<HashTag> tag,
    String distribution,
    List<Member> members,
    List<Integer> ejected,
    List<Integer> internalOrder,
    int pointCount,
    List<byte[]> keys,
    List<Integer> nodes) {

  static List<GoldenPool> read(Path file) {
    JSONArray pools = new JSONArray(TestFiles.text(file));
    List<GoldenPool> read = new ArrayList<>();
    for (int i = 0; i < pools.length(); i++) {
      read.add(pool(file.getFileName() + "[" + i + "]", pools.getJSONObject(i)));
    }
    return read;
  }

  List<Member> live() {
    return members.stream().filter(member -> !ejected.contains(member.index())).toList();
  }

  Distribution create() {
    return Distributions.byName(distribution).create(live(), DistributionOptions.DEFAULT);
  }

  KeyMapper mapper() {
    return new KeyMapper(HashFunctions.byName(hash), tag, create(), live().size());
  }

  private static GoldenPool pool(String title, JSONObject json) {
    JSONObject pool = json.getJSONObject("pool");
    String hash = pool.getString("hash");
    String distribution = pool.getString("distribution");
    List<byte[]> keys = new ArrayList<>();
    List<Integer> nodes = new ArrayList<>();
    for (Object row : json.getJSONArray("keys")) {
      keys.add(HexFormat.of().parseHex(((JSONArray) row).getString(0)));
      nodes.add(((JSONArray) row).getInt(1));
    }
    return new GoldenPool(
        title + " " + hash + " " + distribution,
        hash,
        pool.isNull("hash_tag")
            ? Optional.empty()
            : Optional.of(HashTag.of(pool.getString("hash_tag"))),
        distribution,
        members(pool.getJSONArray("servers")),
        pool.has("ejected") ? integers(pool.getJSONArray("ejected")) : List.of(),
        integers(pool.getJSONArray("internal_order")),
        pool.getInt("continuum_points"),
        keys,
        nodes);
  }

  static List<Member> members(JSONArray servers) {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < servers.length(); i++) {
      JSONObject server = servers.getJSONObject(i);
      members.add(new Member(i, name(server), server.getInt("weight"), List.of()));
    }
    return members;
  }

  private static String name(JSONObject server) {
    if (!server.isNull("name")) {
      return server.getString("name");
    }
    String host = server.getString("host");
    return host.startsWith("/") ? NodeNames.unix(host) : NodeNames.tcp(host, server.getInt("port"));
  }

  private static List<Integer> integers(JSONArray array) {
    List<Integer> integers = new ArrayList<>();
    for (int i = 0; i < array.length(); i++) {
      integers.add(array.getInt(i));
    }
    return integers;
  }
}
