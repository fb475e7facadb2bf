package io.cashew.proxy.acl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.acl.AclLog.Context;
import io.cashew.proxy.acl.AclLog.Entry;
import io.cashew.proxy.acl.AclLog.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

class AclLogTest {
  private final AclLog log = new AclLog();

  private void add(String key, long nowMillis) {
    log.add(Reason.KEY, Context.TOPLEVEL, key.getBytes(UTF_8), "bob", "id=" + nowMillis, nowMillis);
  }

  @Test
  void likeRefusalsWithinAMinuteAreOneEntryAndTheNewest() {
    add("a", 1000);
    add("b", 2000);
    add("a", 61_000);
    List<Entry> entries = log.newest(10);
    assertEquals(2, entries.size());
    Entry first = entries.get(0);
    assertEquals(2, first.count());
    assertEquals(0, first.id());
    assertEquals(1000, first.createdMillis());
    assertEquals(61_000, first.updatedMillis());
    assertEquals("id=61000", first.client());
    add("a", 121_001);
    assertEquals(3, log.newest(10).size());
  }

  @Test
  void whatDiffersIsAnotherEntry() {
    byte[] object = {1};
    log.add(Reason.KEY, Context.TOPLEVEL, object, "bob", "", 0);
    log.add(Reason.CHANNEL, Context.TOPLEVEL, object, "bob", "", 0);
    log.add(Reason.KEY, Context.MULTI, object, "bob", "", 0);
    log.add(Reason.KEY, Context.TOPLEVEL, object, "eve", "", 0);
    assertEquals(4, log.newest(10).size());
    assertEquals(1, log.newest(1).size());
    assertEquals(0, log.newest(-1).size());
    log.clear();
    assertEquals(0, log.newest(10).size());
  }

  @Test
  void isBounded() {
    for (int i = 0; i < 1000; i++) {
      add("key" + i, 0);
    }
    List<Entry> entries = log.newest(Long.MAX_VALUE);
    assertEquals(128, entries.size());
    assertEquals(999, entries.get(0).id());
    log.add(Reason.KEY, Context.TOPLEVEL, new byte[1 << 20], "bob", "", 0);
    assertEquals(16 << 10, log.newest(1).get(0).object().length);
  }
}
