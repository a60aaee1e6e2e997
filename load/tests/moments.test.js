import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { Ledger } from '../moments.js'

const folder = mkdtempSync(join(tmpdir(), 'moments-'))
after(() => rmSync(folder, { recursive: true }))

/** @param {string} name @returns {any[]} */
function lines(name) {
  const text = readFileSync(join(folder, `${name}.ndjson`), 'utf8')
  assert.ok(text.endsWith('\n'))
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** @param {any[]} moments @param {(moment: any) => Record<string, number>} of @param {string} name */
function sum(moments, of, name) {
  return moments.reduce((total, moment) => total + (of(moment)?.[name] ?? 0), 0)
}

test('what is noted is written once, each second by itself, and one that goes on in parts', () => {
  let second = 1_000
  const ledger = new Ledger(folder, 'one', () => second)
  ledger.count('held')
  ledger.count('held')
  ledger.blame('hold answered 500')
  ledger.time('hold', 1.024)
  ledger.tell({ buyer: 'a' })
  second += 1
  ledger.count('paid')
  ledger.write()
  ledger.count('paid')
  ledger.write()
  ledger.write()
  assert.deepEqual(lines('moments-one'), [
    { second: 1_000, counts: { held: 2 }, latency_us: { hold: { 1024: 1 } }, reasons: { 'hold answered 500': 1 } },
    { second: 1_001, counts: { paid: 1 }, latency_us: {}, reasons: {} },
    { second: 1_001, counts: { paid: 1 }, latency_us: {}, reasons: {} },
  ])
  assert.deepEqual(lines('stories-one'), [{ buyer: 'a' }])
})

test('without a folder nothing is kept', () => {
  const ledger = new Ledger(undefined, 'none')
  ledger.count('held')
  ledger.tell({ buyer: 'a' })
  ledger.write()
  assert.deepEqual(ledger.waiting, { moments: [], stories: [] })
})

test('a thread that ends writes what it has noted until then', async () => {
  const module = JSON.stringify(new URL('../moments.js', import.meta.url).href)
  const work = `
    import(${module}).then(({ Ledger }) => {
      const ledger = new Ledger(${JSON.stringify(folder)}, 'thread')
      for (let number = 0; number < 1000; number += 1) {
        ledger.count('held')
        ledger.tell({ number })
      }
      process.exit(0)
    })`
  const thread = new Worker(work, { eval: true })
  const status = await new Promise((resolve) => thread.once('exit', resolve))
  assert.equal(status, 0)
  assert.equal(sum(lines('moments-thread'), (moment) => moment.counts, 'held'), 1000)
  assert.deepEqual(
    lines('stories-thread').map((story) => story.number),
    Array.from({ length: 1000 }, (_, number) => number),
  )
})
