import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { chooseSettings, faultsOf, flat, loadSettings } from '../settings.js'
import { DEFAULTS } from './defaults.js'

const SETS = Object.keys(DEFAULTS)

test('every set of settings.json is a storm', () => {
  assert.deepEqual(SETS, ['default', 'quick'])
  for (const name of SETS) assert.doesNotThrow(() => chooseSettings([DEFAULTS], name))
})

test('a set changes some figures of the default, and leaves the others', () => {
  const file = { ...DEFAULTS, small: { rates: { rush: 7 }, ceiling: { seconds: 3 } } }
  const all = chooseSettings([file], 'default')
  const small = chooseSettings([file], 'small')
  assert.deepEqual(small, {
    ...all,
    rates: { ...all.rates, rush: 7 },
    ceiling: { ...all.ceiling, seconds: 3 },
  })
})

test('in every set the hot date is asked for more tickets than it has before the last phase begins', () => {
  for (const name of SETS) {
    const { seconds, rates, weights, tickets, capacity } = chooseSettings([DEFAULTS], name)
    const buyers =
      seconds.warm_up * rates.warm_up +
      (seconds.ramp * (rates.warm_up + rates.rush)) / 2 +
      seconds.rush * rates.rush +
      seconds.plateau * rates.plateau
    const share = weights.rush / Object.values(weights).reduce((sum, weight) => sum + weight, 0)
    const wanted = buyers * share * ((tickets[0] + tickets[1]) / 2)
    assert.ok(wanted > 1.3 * capacity, `${name}: ${wanted} tickets are wanted of ${capacity}`)
  }
})

test('a file of the user goes before the defaults, in both of its sets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'))
  try {
    const file = join(folder, 'mine.json')
    writeFileSync(file, JSON.stringify({ default: { shards: 4, rates: { rush: 7 } }, quick: { shards: 1 } }))
    assert.equal(loadSettings({ STRESS_SETTINGS: file }).shards, 4)
    const quick = loadSettings({ STRESS_SETTINGS: file, STRESS_SET: 'quick' })
    assert.deepEqual([quick.shards, quick.rates.rush], [1, 7])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a set that no file has is refused', () => {
  assert.throws(() => chooseSettings([DEFAULTS], 'qiuck'), /no set of settings is called qiuck/)
})

/** @type {[change: object, fault: RegExp][]} */
const FAULTS = [
  [{ shrads: 4 }, /^shrads is not known$/],
  [{ rates: { rsuh: 4 } }, /^rates\.rsuh is not known$/],
  [{ shards: 0 }, /^shards must be a whole number from 1 to 256$/],
  [{ shards: 1.5 }, /^shards must be a whole number/],
  [{ shards: '4' }, /^shards must be a whole number/],
  [{ tickets: [6, 1] }, /^tickets must be two whole numbers from 1 to 50, the lower one first$/],
  [{ tickets: 3 }, /^tickets must be two whole numbers/],
  [{ rates: { rush: -1 } }, /^rates\.rush must be a whole number/],
  [{ shares: { pays: 0.8 } }, /^shares add up to 1\.1/],
  [{ shares: { pays: 2 } }, /^shares\.pays must be a number from 0 to 1$/],
  [{ types: [] }, /^types must be a list/],
  [{ types: [{ name: 'A', weight: 0, max_share: null }] }, /^types must be a list/],
  [{ types: [{ name: 'A', weight: 1, max_share: 2 }] }, /^types must be a list/],
]
for (const [change, fault] of FAULTS) {
  test(`refused: ${JSON.stringify(change)}`, () => {
    assert.throws(() => chooseSettings([DEFAULTS, { default: change }], 'default'), {
      message: new RegExp(fault.source.replace('^', '^settings of the storm: ')),
    })
  })
}

test('what is missing is named', () => {
  const { shards, ...rest } = /** @type {any} */ (DEFAULTS.default)
  assert.equal(shards, 16)
  assert.deepEqual(faultsOf(rest), ['shards must be a whole number from 1 to 256'])
})

test('figures are named by their path', () => {
  assert.deepEqual([...flat({ a: 1, b: { c: [2, 3], d: { e: 4 } } })], [['a', 1], ['b.c', [2, 3]], ['b.d.e', 4]])
})
