import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAddressOrNetwork, trustedProxies } from './trusted-proxies.ts'

test('GW-8 the right-most address that is no proxy of ours is the person', () => {
  const { person } = trustedProxies(['10.0.0.0/8', '127.0.0.1', 'fd00::/8'])
  assert.equal(person('192.0.2.9', '203.0.113.7'), '192.0.2.9', 'said by somebody who is not trusted')
  assert.equal(person('127.0.0.1', null), '127.0.0.1')
  assert.equal(person('127.0.0.1', '203.0.113.7'), '203.0.113.7')
  assert.equal(person('127.0.0.1', '1.1.1.1, 203.0.113.7, 10.1.2.3'), '203.0.113.7')
  assert.equal(person('fd00::1', '1.1.1.1, ::ffff:203.0.113.7'), '203.0.113.7')
  assert.equal(person('127.0.0.1', '203.0.113.7, nonsense, 10.1.2.3'), '10.1.2.3', 'nothing is read beyond a word')
  assert.equal(person('127.0.0.1', '10.1.1.1'), '10.1.1.1', 'the proxy asks for itself')
})

test('GW-8 proxies are addresses or networks', () => {
  for (const good of ['10.0.0.5', '10.0.0.0/8', '::1', 'fd00::/8']) assert.ok(isAddressOrNetwork(good), good)
  for (const bad of ['', 'proxy', '10.0.0.0/0', '10.0.0.0/33', '::/129', '10.0.0.0/x'])
    assert.ok(!isAddressOrNetwork(bad), bad)
})
