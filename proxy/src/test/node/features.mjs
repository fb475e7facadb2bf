// Runs every feature with one client library, one line of output each: "ok NAME" or "FAILED NAME: why".
// node features.mjs ioredis|node-redis 2|3 PORT
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import Redis from 'ioredis';
import { createClient, RESP_TYPES } from 'redis';

const [library, protocolText, portText] = process.argv.slice(2);
const protocol = Number(protocolText);
const port = Number(portText);
const UNLOCK =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";

/** Commands as arrays of words go through what both libraries have; the rest is each one's own. */
const libraries = {
  ioredis: {
    async connect() {
      const client = new Redis({ host: '127.0.0.1', port, protocol });
      client.on('error', () => {}); // told by the promise of the request that fails
      await client.ping();
      return client;
    },
    call: (client, ...words) => client.call(...words),
    close: (client) => client.disconnect(),
    async pipeline(client, requests) {
      const results = await client.pipeline(requests).exec();
      return results.map(([error, result]) => {
        if (error) throw error;
        return result;
      });
    },
    mget: (client, keys) => client.mget(keys),
    mset: (client, pairs) => client.mset(pairs),
    async transaction(client, key, value) {
      const results = await client.multi().set(key, value).get(key).exec();
      return results === null ? null : results.map(([, result]) => result);
    },
    watch: (client, key) => client.watch(key),
    evalsha: (client, sha, key, argument) => client.evalsha(sha, 1, key, argument),
    evaluate: (client, script, key, argument) => client.eval(script, 1, key, argument),
    takeLock: (client, key, token) => client.set(key, token, 'PX', 30000, 'NX'),
    pop: (client, key) => client.blpop(key, 30),
    push: (client, key, value) => client.rpush(key, value),
    setBuffer: (client, key, value) => client.set(key, value),
    getBuffer: (client, key) => client.getBuffer(key),
    async scan(client, pattern) {
      const keys = new Set();
      for await (const page of client.scanStream({ match: pattern, count: 17 })) {
        page.forEach((key) => keys.add(key));
      }
      return keys;
    },
    hgetall: async (client, key) => ({ ...(await client.hgetall(key)) }),
    async script(client, key) {
      client.defineCommand('bump', { numberOfKeys: 1, lua: "return redis.call('incr', KEYS[1])" });
      return client.bump(key);
    },
    async subscribe(client, channel, listener) {
      client.on('message', (from, message) => listener(from, message));
      await client.subscribe(channel);
    },
  },
  'node-redis': {
    async connect() {
      const client = createClient({ socket: { host: '127.0.0.1', port }, RESP: protocol });
      client.on('error', () => {});
      await client.connect();
      return client;
    },
    call: (client, ...words) => client.sendCommand(words.map(String)),
    close: (client) => client.destroy(),
    pipeline: (client, requests) =>
      Promise.all(requests.map(([name, ...words]) => client.sendCommand([name, ...words.map(String)]))),
    mget: (client, keys) => client.mGet(keys),
    mset: (client, pairs) => client.mSet(pairs),
    async transaction(client, key, value) {
      try {
        return await client.multi().set(key, value).get(key).exec();
      } catch (error) {
        if (error.constructor.name === 'WatchError') return null;
        throw error;
      }
    },
    watch: (client, key) => client.watch(key),
    evalsha: (client, sha, key, argument) =>
      client.evalSha(sha, { keys: [key], arguments: [argument] }),
    evaluate: (client, script, key, argument) =>
      client.eval(script, { keys: [key], arguments: [argument] }),
    takeLock: (client, key, token) => client.set(key, token, { PX: 30000, NX: true }),
    async pop(client, key) {
      const popped = await client.blPop(key, 30);
      return [popped.key, popped.element];
    },
    push: (client, key, value) => client.rPush(key, value),
    setBuffer: (client, key, value) => client.set(key, value),
    getBuffer: (client, key) =>
      client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).get(key),
    async scan(client, pattern) {
      const keys = new Set();
      for await (const page of client.scanIterator({ MATCH: pattern, COUNT: 17 })) {
        page.forEach((key) => keys.add(key));
      }
      return keys;
    },
    hgetall: async (client, key) => ({ ...(await client.hGetAll(key)) }),
    script: (client, key) =>
      client.eval("return redis.call('incr', KEYS[1])", { keys: [key], arguments: [] }),
    subscribe: (client, channel, listener) =>
      client.subscribe(channel, (message, from) => listener(from, message)),
  },
};
const lib = libraries[library];

/** Waits for what another connection does, without saying how long that takes. */
async function until(what, condition) {
  const end = Date.now() + 20000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const features = {
  async setAndGet(client) {
    await lib.call(client, 'SET', 'a', 'value');
    assert.equal(await lib.call(client, 'GET', 'a'), 'value');
    assert.equal(await lib.call(client, 'GET', 'nothing'), null);
  },
  async pipelineOfAThousand(client) {
    const requests = [];
    for (let i = 0; i < 500; i++) {
      requests.push(['set', `p:${i}`, `v${i}`], ['get', `p:${i}`]);
    }
    const results = await lib.pipeline(client, requests);
    for (let i = 0; i < 500; i++) assert.equal(results[2 * i + 1], `v${i}`);
  },
  async mgetAndMsetOverNodes(client) {
    assert.equal(await lib.mset(client, ['m1', 'a', 'm2', 'b', 'm3', 'c', 'm4', 'd']), 'OK');
    assert.deepEqual(await lib.mget(client, ['m1', 'm4', 'none', 'm2']), ['a', 'd', null, 'b']);
  },
  async watchLoop(client, other) {
    await lib.call(client, 'SET', '{w}c', '0');
    let attempts = 0;
    let result = null;
    while (result === null) {
      attempts++;
      await lib.watch(client, '{w}c');
      const value = Number(await lib.call(client, 'GET', '{w}c'));
      if (attempts < 3) await lib.call(other, 'INCRBY', '{w}c', '10');
      result = await lib.transaction(client, '{w}c', String(value + 1));
    }
    assert.equal(attempts, 3);
    assert.deepEqual(result, ['OK', '21']);
  },
  async evalshaWithFallback(client) {
    for (let i = 0; i < 20; i++) {
      const script = `return KEYS[1] .. ARGV[1] .. ${i}`;
      const sha = crypto.createHash('sha1').update(script).digest('hex');
      await assert.rejects(lib.evalsha(client, sha, `s:${i}`, 'x'), /NOSCRIPT/);
      assert.equal(await lib.evaluate(client, script, `s:${i}`, 'x'), `s:${i}x${i}`);
      assert.equal(await lib.evalsha(client, sha, `s:${i}`, 'x'), `s:${i}x${i}`);
      await lib.call(client, 'DEL', `bump:${i}`);
      assert.equal(await lib.script(client, `bump:${i}`), 1);
    }
  },
  async lockWithLuaUnlock(client) {
    assert.equal(await lib.takeLock(client, 'lock', 'mine'), 'OK');
    assert.equal(await lib.takeLock(client, 'lock', 'yours'), null);
    assert.equal(await lib.evaluate(client, UNLOCK, 'lock', 'yours'), 0);
    assert.equal(await lib.evaluate(client, UNLOCK, 'lock', 'mine'), 1);
  },
  async blpopWithAPushFromElsewhere(client, other) {
    const popped = lib.pop(client, 'queue');
    await lib.call(other, 'SET', 'meanwhile', 'v');
    await lib.push(other, 'queue', 'work');
    assert.deepEqual(await popped, ['queue', 'work']);
  },
  async streamsWithConsumerGroups(client) {
    for (let i = 1; i <= 5; i++) await lib.call(client, 'XADD', 'stream', `${i}-0`, 'n', String(i));
    await lib.call(client, 'XGROUP', 'CREATE', 'stream', 'group', '0');
    const read = await lib.call(
      client, 'XREADGROUP', 'GROUP', 'group', 'alice', 'COUNT', '2', 'STREAMS', 'stream', '>');
    assert.match(JSON.stringify(read), /"1-0".*"2-0"/);
    assert.equal(await lib.call(client, 'XACK', 'stream', 'group', '1-0'), 1);
    assert.match(JSON.stringify(await lib.call(client, 'XPENDING', 'stream', 'group')), /alice/);
  },
  async hashesSetsSortedSets(client) {
    await lib.call(client, 'HSET', 'hash', 'a', '1', 'b', '2');
    assert.deepEqual(await lib.hgetall(client, 'hash'), { a: '1', b: '2' });
    await lib.call(client, 'SADD', 'set', 'x', 'y');
    assert.equal([...(await lib.call(client, 'SMEMBERS', 'set'))].length, 2);
    await lib.call(client, 'ZADD', 'zset', '1.5', 'm');
    assert.equal(Number(await lib.call(client, 'ZSCORE', 'zset', 'm')), 1.5);
  },
  async geo(client) {
    await lib.call(client, 'GEOADD', 'geo', '13.361389', '38.115556', 'Palermo', '15.087269', '37.502669', 'Catania');
    assert.equal(await lib.call(client, 'GEODIST', 'geo', 'Palermo', 'Catania', 'km'), '166.2742');
  },
  async hyperLogLog(client) {
    await lib.call(client, 'PFADD', '{hll}1', 'a', 'b', 'c');
    await lib.call(client, 'PFADD', '{hll}2', 'c', 'd');
    assert.equal(await lib.call(client, 'PFCOUNT', '{hll}1', '{hll}2'), 4);
  },
  async bitmaps(client) {
    await lib.call(client, 'SETBIT', 'bits', '100', '1');
    assert.equal(await lib.call(client, 'BITCOUNT', 'bits'), 1);
  },
  async scan(client) {
    const keys = [];
    for (let i = 0; i < 300; i++) keys.push(['set', `scan:${i}`, 'v']);
    await lib.pipeline(client, keys);
    assert.equal((await lib.scan(client, 'scan:*')).size, 300);
  },
  async fiveMegabytes(client) {
    const value = crypto.randomBytes(5 << 20);
    await lib.setBuffer(client, 'large', value);
    assert.ok(value.equals(await lib.getBuffer(client, 'large')));
  },
  async binaryKeys(client) {
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await lib.setBuffer(client, all, all);
    assert.ok(all.equals(await lib.getBuffer(client, all)));
  },
  async errorsAndGoingOn(client) {
    await lib.call(client, 'SET', 'string', 'text');
    await assert.rejects(lib.call(client, 'LPUSH', 'string', 'x'), /WRONGTYPE/);
    assert.equal(await lib.call(client, 'GET', 'string'), 'text');
  },
  async subscribeAndPublish(client, other) {
    const messages = [];
    await lib.subscribe(client, 'channel', (from, message) => messages.push([from, message]));
    await lib.call(other, 'PUBLISH', 'channel', 'hello');
    await until('the message arrives', () => messages.length === 1);
    assert.deepEqual(messages, [['channel', 'hello']]);
  },
};

let failed = 0;
for (const [name, feature] of Object.entries(features)) {
  let timer;
  const clients = [];
  try {
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error('no end within 30 s')), 30000);
    });
    const run = async () => {
      clients.push(await lib.connect());
      clients.push(await lib.connect());
      await feature(clients[0], clients[1]);
    };
    await Promise.race([run(), late]);
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}: ${error.message.split('\n')[0]}`);
  } finally {
    clearTimeout(timer);
    clients.forEach((client) => lib.close(client));
  }
}
process.exit(failed === 0 ? 0 : 1);
