import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ceilingOf, checksOf, configOf, phasesOf, targetOf } from '../plan.js'
import { chooseSettings } from '../settings.js'
import { DEFAULTS } from './defaults.js'

const settings = chooseSettings([DEFAULTS], 'default')

test('phases follow each other as the settings say, each a ramp, and one of no length is left out', () => {
  const rates = { warm_up: 1, rush: 9, plateau: 5, sold_out: 12 }
  const seconds = { warm_up: 2, ramp: 3, rush: 4, plateau: 0, sold_out: 6 }
  const phases = phasesOf({ ...settings, rates, seconds, buyers_max: 99 })
  assert.deepEqual(phases, [
    { name: 'warm-up', duration: 2, arrivalRate: 1, rampTo: 1, maxVusers: 99 },
    { name: 'ramp', duration: 3, arrivalRate: 1, rampTo: 9, maxVusers: 99 },
    { name: 'rush', duration: 4, arrivalRate: 9, rampTo: 9, maxVusers: 99 },
    { name: 'sold out', duration: 6, arrivalRate: 12, rampTo: 12, maxVusers: 99 },
  ])
})

test('the ceiling has one phase', () => {
  assert.deepEqual(ceilingOf(settings), [{ name: 'ceiling', duration: 15, arrivalRate: 2000, maxVusers: 128 }])
})

test('nothing may fail or be malformed, and latencies have bounds', () => {
  assert.deepEqual(checksOf({ ...settings, latency_ms_max: { p95: 3, p99: 4 } }), {
    conditions: [{ expression: 'boxoffice.malformed == 0' }, { expression: 'boxoffice.failed == 0' }],
    thresholds: [{ 'boxoffice.latency.p95': 3 }, { 'boxoffice.latency.p99': 4 }],
  })
})

test('the target is the one that is named, without a slash at its end', () => {
  assert.equal(targetOf({ TARGET: 'http://example.org/' }), 'http://example.org')
  assert.equal(targetOf({ TARGET: '' }), 'http://127.0.0.1:8000')
  assert.equal(targetOf({}), 'http://127.0.0.1:8000')
})

test("Artillery's config holds nothing that cannot be sent to a thread", () => {
  const config = configOf(settings, 'http://example.org', phasesOf(settings), { ensure: checksOf(settings) })
  assert.deepEqual(structuredClone(config), config)
  assert.equal(config.http.pool, 256)
  assert.deepEqual(config.variables.weights, settings.weights)
})
