// Runs what the "memcached" library does, one line of output each: "ok NAME" or "FAILED NAME: why".
// node memcached.mjs PORT
import assert from 'node:assert/strict';
import { promisify } from 'node:util';
import Memcached from 'memcached';

const client = new Memcached(`127.0.0.1:${process.argv[2]}`);
const call = (name, ...words) => promisify(client[name].bind(client))(...words);
const keys = [...Array(20).keys()].map((i) => `key:${i}`);

const features = {
  async values() {
    for (const key of keys) await call('set', key, `value of ${key}`, 100);
    const values = await call('getMulti', keys);
    for (const key of keys) assert.equal(values[key], `value of ${key}`);
    assert.equal(await call('get', 'missing'), undefined);
  },
  async conditions() {
    const { cas } = await call('gets', keys[1]);
    assert.equal(await call('cas', keys[1], 'newer', cas, 100), true);
    await assert.rejects(call('add', keys[1], 'other', 100));
    assert.equal(await call('get', keys[1]), 'newer');
  },
  async numbers() {
    await call('set', 'number', '5', 0);
    assert.equal(await call('incr', 'number', 3), 8);
    assert.equal(await call('decr', 'number', 2), 6);
  },
  async ends() {
    assert.equal(await call('touch', keys[2], 50), true);
    assert.equal(await call('append', keys[2], '!'), true);
    assert.equal(await call('del', keys[2]), true);
    assert.equal(await call('get', keys[2]), undefined);
  },
  async large() {
    await call('set', 'large', 'x'.repeat(1_000_000), 0);
    assert.equal((await call('get', 'large')).length, 1_000_000);
  },
  async servers() {
    assert.match((await call('version'))[0].version, /^1\./);
    assert.ok(Object.keys((await call('stats'))[0]).length > 50);
    assert.deepEqual(await call('flush'), [true]);
    assert.equal(await call('get', keys[3]), undefined);
  },
};

for (const [name, feature] of Object.entries(features)) {
  try {
    await feature();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`FAILED ${name}: ${error}`);
  }
}
client.end();
