package io.cashew.proxy.topology;

import java.util.Set;

/**
 * Where keys belong: a key has a group, a group has a shard. Keys of one group may be used together
 * in one command. Immutable; look-ups allocate nothing and may come from many threads.
 */
public interface Placement {

  /** {@link #groupOfAll}: they may be in several. */
  int NO_GROUP = -1;

  /** Of a pool without shards, before it is known where its keys belong. */
  Placement NOWHERE =
      new Placement() {
        @Override
        public int groupOf(byte[] bytes, int offset, int length) {
          return 0;
        }

        @Override
        public int shardOf(int group) {
          return 0;
        }

        @Override
        public int groupOfAll(byte[] bytes, int offset, int length) {
          return NO_GROUP;
        }

        @Override
        public Placement without(Set<Integer> ejected) {
          return this;
        }
      };

  /**
   * The group of a key.
   *
   * @param bytes holds the key; it is only read
   * @param offset index of the key's first byte
   * @param length of the key in bytes, 0 or more
   */
  int groupOf(byte[] bytes, int offset, int length);

  /** The shard of a group: an index into {@link Topology#shards()}. */
  int shardOf(int group);

  /**
   * The one group of all keys that begin with certain bytes, whatever follows: there must be a hash
   * tag among these.
   *
   * @return {@link #NO_GROUP} if there is none
   */
  int groupOfAll(byte[] bytes, int offset, int length);

  /**
   * Where keys belong while some shards own none.
   *
   * @param ejected indexes of those shards; not all there are
   */
  Placement without(Set<Integer> ejected);
}
