package io.cashew.hashing.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.TestFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every vector of golden/hash_vectors.json and of each file in vectors/. */
class HashVectorsTest {
  private static final int OFFSETS = 9;

  private record Vector(String keyHex, long hash) {}

  static Stream<Arguments> filesAndHashes() {
    return files().flatMap(file -> hashes(file).stream().map(hash -> Arguments.of(file, hash)));
  }

  static List<String> names() {
    return HashFunctions.names();
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("filesAndHashes")
  void hashIsThatOfTheVector(Path file, String hash) {
    HashFunction function = HashFunctions.byName(hash);
    for (Vector vector : vectors(file, hash)) {
      byte[] key = HexFormat.of().parseHex(vector.keyHex());
      for (int offset = 0; offset < OFFSETS; offset++) {
        assertEquals(vector.hash(), hashAt(offset, function, key), () -> "key " + vector.keyHex());
      }
    }
  }

  /** Adding a hash without vectors fails here: see the module's README. */
  @ParameterizedTest
  @MethodSource("names")
  void everyHashHasVectors(String hash) {
    assertTrue(
        files().anyMatch(file -> hashes(file).contains(hash)),
        () -> "no vectors of " + hash + ": add src/test/resources/vectors/" + hash + ".json");
  }

  /** The key lies between bytes that must not count. */
  private static long hashAt(int offset, HashFunction function, byte[] key) {
    byte[] around = new byte[offset + key.length + offset];
    Arrays.fill(around, (byte) 0xa5);
    System.arraycopy(key, 0, around, offset, key.length);
    return Integer.toUnsignedLong(function.hash(around, offset, key.length));
  }

  private static Stream<Path> files() {
    return Stream.concat(
        TestFiles.in("golden", "hash_vectors").stream(), TestFiles.in("vectors", "").stream());
  }

  private static List<String> hashes(Path file) {
    JSONArray hashes = new JSONObject(TestFiles.text(file)).getJSONArray("hashes");
    return hashes.toList().stream().map(Object::toString).toList();
  }

  private static List<Vector> vectors(Path file, String hash) {
    JSONArray rows = new JSONObject(TestFiles.text(file)).getJSONArray("vectors");
    List<Vector> vectors = new ArrayList<>();
    for (int i = 0; i < rows.length(); i++) {
      JSONObject row = rows.getJSONObject(i);
      vectors.add(new Vector(row.getString("key_hex"), row.getLong(hash)));
    }
    assertTrue(!vectors.isEmpty(), () -> "no vectors in " + file);
    return vectors;
  }
}
