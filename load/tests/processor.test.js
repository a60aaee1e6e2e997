import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

/** @typedef {typeof import('../processor.js')} Processor */

const folder = mkdtempSync(join(tmpdir(), 'storm-'))
// The ledger writes a last time when the process ends.
after(() => process.once('exit', () => rmSync(folder, { recursive: true })))
process.env.STRESS_FOLDER = folder
process.env.STRESS_EVENTS = join(folder, 'events.json')
const EVENT = {
  event_id: 1,
  dates: [{ date: '2027-01-01', start_time: '20:00' }],
  ticket_types: [{ id: 1, name: 'Normal', max: null }],
  max_tickets: 100,
  shards: 4,
}
writeFileSync(process.env.STRESS_EVENTS, JSON.stringify({ hot: EVENT, many: [EVENT], sold_out: EVENT }))

/** @type {Processor} */
let processor
/** @type {typeof import('../books.js')} */
let books
before(async () => {
  processor = await import('../processor.js')
  books = await import('../books.js')
})

/** What Artillery is told: counters by name, and what is at fault. */
function listener() {
  /** @type {Record<string, number>} */
  const counters = {}
  /** @type {string[]} */
  const errors = []
  return {
    counters,
    errors,
    emit(/** @type {string} */ kind, /** @type {string} */ name, /** @type {number | undefined} */ value) {
      if (kind === 'counter') counters[name] = (counters[name] ?? 0) + (value ?? 0)
      if (kind === 'error') errors.push(name)
    },
  }
}

let buyers = 0

/** @param {string} scenario @returns {Promise<any>} */
async function arrive(scenario, metrics = listener()) {
  buyers += 1
  const context = { vars: { target: 'http://127.0.0.1:1' }, _uid: `buyer-${buyers}`, scenario: { name: scenario } }
  await processor.openTheShop(/** @type {any} */ (context))
  called((next) => processor.arrive(/** @type {any} */ (context), metrics, next))
  return { context, metrics, buyer: /** @type {any} */ (context.vars).buyer }
}

/** @param {(next: () => void) => void} work that has to go on by itself */
function called(work) {
  let times = 0
  work(() => (times += 1))
  assert.equal(times, 1)
}

/** @param {string} name @param {any} visitor @param {keyof Processor} hears @param {number} statusCode */
function answer(name, { context, metrics }, hears, statusCode, content = {}, headers = {}) {
  const body = JSON.stringify(content)
  called((next) => processor.startTheClock({ name }, context, metrics, next))
  called((next) => /** @type {any} */ (processor[hears])({}, { statusCode, headers, body }, context, metrics, next))
}

/** @param {any} buyer */
function hold(buyer, id = '1-a') {
  const tickets = buyer.lines.flatMap((/** @type {any} */ line) => Array(line.quantity).fill(line))
  return { reservationId: id, tickets }
}

/** The story that was told last. @param {any} visitor */
function story({ context, metrics, buyer }) {
  called((next) => processor.leave(context, metrics, next))
  return written().find((told) => told.buyer === buyer.id)
}

/** @returns {any[]} */
function written() {
  books.books(listener()).write()
  const files = readdirSync(folder).filter((file) => file.startsWith('stories-'))
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('')
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line))
}

/** @param {any} visitor @param {string} intention */
function choices({ context }, intention) {
  context.vars.buyer.intention = intention
  return [processor.pays(context.vars), processor.letsGo(context.vars)]
}

test('the first visitor of a thread tells Artillery the name of every class', async () => {
  const { metrics } = await arrive('rush')
  const names = 'buyers held paid let_go browsed repeated sold_out gone refused_for_load malformed failed'
  const expected = names.split(' ').map((name) => [`boxoffice.${name}`, name === 'buyers' ? 1 : 0])
  assert.deepEqual(Object.fromEntries(expected), metrics.counters)
})

test('who holds tickets pays, lets go or walks away', async () => {
  const visitor = await arrive('rush')
  assert.deepEqual(choices(visitor, 'pays'), [false, false])
  answer('hold', visitor, 'heardHold', 201, hold(visitor.buyer))
  assert.deepEqual(choices(visitor, 'pays'), [true, false])
  assert.deepEqual(choices(visitor, 'lets_go'), [false, true])
  assert.deepEqual(choices(visitor, 'walks_away'), [false, false])
  const told = story(visitor)
  assert.deepEqual([told.end, told.reservation], ['walked_away', '1-a'])
  assert.deepEqual(told.acknowledged, { held: true, paid: false, let_go: false })
  assert.deepEqual(told.asked, { held: true, paid: false, let_go: false })
})

test('a payment is acknowledged when it is the one that was asked for', async () => {
  for (const [reference, end] of [['', 'paid'], ['another', 'malformed']]) {
    const visitor = await arrive('rush')
    answer('hold', visitor, 'heardHold', 201, hold(visitor.buyer))
    const sale = { reservationId: '1-a', state: 'paid', paymentReference: reference || visitor.buyer.id }
    answer('pay', visitor, 'heardPayment', 200, sale)
    const told = story(visitor)
    assert.equal(told.end, end)
    assert.deepEqual(told.acknowledged, { held: true, paid: end === 'paid', let_go: false })
    assert.deepEqual(told.asked, { held: true, paid: true, let_go: false })
    assert.deepEqual(visitor.metrics.errors, end === 'paid' ? [] : ['payment has another reference'])
  }
})

test('who lets go, and who comes too late', async () => {
  for (const [status, end] of /** @type {const} */ ([[204, 'let_go'], [410, 'gone']])) {
    const visitor = await arrive('rush')
    answer('hold', visitor, 'heardHold', 201, hold(visitor.buyer))
    answer('let go', visitor, 'heardRelease', status)
    assert.equal(story(visitor).end, end)
  }
})

test('who is refused neither thinks nor pays', async () => {
  const left = { available: 0, ticketTypes: [{ tickettypeId: 1, available: 0 }] }
  const visitor = await arrive('rush')
  answer('hold', visitor, 'heardHold', 409, { type: '/problems/sold-out', left })
  assert.equal(visitor.buyer.thinks, '0ms')
  assert.deepEqual(choices(visitor, 'pays'), [false, false])
  const told = story(visitor)
  assert.deepEqual([told.end, told.reservation, told.acknowledged.held], ['sold_out', null, false])
})

test('a refusal of what is left is at fault', async () => {
  const left = { available: 50, ticketTypes: [{ tickettypeId: 1, available: 50 }] }
  const visitor = await arrive('rush')
  answer('hold', visitor, 'heardHold', 409, { type: '/problems/sold-out', left })
  assert.deepEqual(visitor.metrics.errors, ['hold refused though enough is left'])
  assert.equal(visitor.metrics.counters['boxoffice.malformed'], 1)
  assert.equal(story(visitor).end, 'malformed')
})

test('one 500 is counted, named, and the end of the story', async () => {
  const visitor = await arrive('rush')
  answer('hold', visitor, 'heardHold', 500)
  assert.deepEqual(visitor.metrics.errors, ['hold answered 500'])
  assert.equal(visitor.metrics.counters['boxoffice.failed'], 1)
  assert.equal(story(visitor).end, 'failed')
})

test('a line that breaks is counted and told once, however often Artillery says so', async () => {
  const visitor = await arrive('rush')
  const { context, metrics, buyer } = visitor
  answer('hold', visitor, 'heardHold', 201, hold(buyer))
  called((next) => processor.startTheClock({ name: 'pay' }, context, metrics, next))
  const error = Object.assign(new Error('gone'), { code: 'ECONNRESET' })
  for (let time = 0; time < 2; time += 1) called((next) => processor.lineBroke(error, {}, context, metrics, next))
  assert.equal(metrics.counters['boxoffice.failed'], 1)
  const told = written().filter((one) => one.buyer === buyer.id)
  assert.deepEqual(told.map((one) => [one.end, one.asked.paid, one.acknowledged.paid]), [['failed', true, false]])
})

test('a repeat has to lead to the reservation that was told before the line was cut', async () => {
  const [replay, fresh] = [{ 'idempotent-replayed': 'true' }, {}]
  for (const [id, headers, faults] of /** @type {const} */ ([
    ['1-a', replay, []],
    ['1-b', replay, ['repeat tells another reservation']],
    ['1-a', fresh, ['repeat is not said to be one']],
  ])) {
    const visitor = await arrive('repeats')
    visitor.buyer.lost = '/reservation/1-a'
    answer('hold again', visitor, 'heardHold', 201, hold(visitor.buyer, id), headers)
    assert.deepEqual(visitor.metrics.errors, faults)
  }
})

test('a hold that was told may not be sold out afterwards', async () => {
  const refusal = { type: '/problems/sold-out', left: { available: 0, ticketTypes: [] } }
  const visitor = await arrive('repeats')
  visitor.buyer.lost = '/reservation/1-a'
  answer('hold again', visitor, 'heardHold', 409, refusal)
  assert.deepEqual(visitor.metrics.errors, ['hold is lost after it was told'])
})

test('the second repeat tells the same, to the letter, and is counted as no hold', async () => {
  const visitor = await arrive('repeats')
  const made = hold(visitor.buyer)
  answer('hold again', visitor, 'heardHold', 201, made)
  assert.equal(processor.holds(visitor.context.vars), true)
  answer('hold once more', visitor, 'heardRepeat', 201, made, { 'idempotent-replayed': 'true' })
  const { counters, errors } = visitor.metrics
  assert.deepEqual([counters['boxoffice.held'], counters['boxoffice.repeated'], errors], [1, 1, []])
  const other = { ...made, reservationId: '1-b' }
  answer('hold once more', visitor, 'heardRepeat', 201, other, { 'idempotent-replayed': 'true' })
  assert.deepEqual(visitor.metrics.errors, ['repeat tells another reservation'])
})

test('a connection to nobody is cut too, and the buyer goes on', async () => {
  const visitor = await arrive('repeats')
  const { context, metrics } = visitor
  await new Promise((resolve) => processor.holdAndLoseTheLine(context, metrics, () => resolve(undefined)))
  assert.deepEqual([visitor.buyer.lost, visitor.buyer.asked.held], [null, true])
  assert.equal(metrics.counters['boxoffice.cut'], 1)
  assert.equal(metrics.counters['boxoffice.cut_told'], undefined)
})

test('a visitor turns as many pages as there are, up to the number of the settings', async () => {
  const { context, metrics } = await arrive('browse')
  const visitor = { context, metrics }
  const turns = () => {
    let again
    processor.turnsThePage(context, (more) => (again = more))
    return again
  }
  called((next) => processor.lookIn(context, metrics, next))
  assert.equal(context.vars.visitor.dates, '/events/1?from=2027-01-01&to=2027-01-31&limit=20')
  answer('list', visitor, 'heardPage', 200, { events: [], next: 'a/b' })
  assert.deepEqual([turns(), context.vars.visitor.page], [true, '/events?limit=20&cursor=a%2Fb'])
  answer('list', visitor, 'heardPage', 200, { events: [], next: 'c' })
  answer('list', visitor, 'heardPage', 200, { events: [], next: 'd' })
  assert.equal(turns(), false)
  called((next) => processor.lookIn(context, metrics, next))
  answer('list', visitor, 'heardPage', 200, { events: [], next: null })
  assert.equal(turns(), false)
  answer('dates', visitor, 'heardDates', 200, { dates: [] })
  assert.deepEqual([metrics.counters['boxoffice.browsed'], metrics.errors], [5, []])
  answer('dates', visitor, 'heardDates', 200, {})
  assert.deepEqual(metrics.errors, ['event tells no dates'])
})
