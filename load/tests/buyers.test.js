import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrivesAt, orderOf, storyOf } from '../buyers.js'
import { chooseSettings } from '../settings.js'
import { seeded } from './chance.js'
import { DEFAULTS } from './defaults.js'

const settings = chooseSettings([DEFAULTS], 'default')

/** @param {number} id @returns {import('../tickets.js').EventOnSale} */
const event = (id) => ({
  event_id: id,
  dates: [
    { date: '2027-01-01', start_time: '20:00' },
    { date: '2027-01-02', start_time: '20:00' },
  ],
  ticket_types: [
    { id: 1, name: 'Normal', max: null },
    { id: 2, name: 'Discount', max: 30 },
  ],
  max_tickets: 100,
  shards: 4,
})
const SHOP = { hot: event(1), many: [event(2), event(3)], sold_out: event(4) }

test('each scenario has its events', () => {
  const chance = seeded(3)
  /** @param {string} scenario */
  const visited = (scenario) =>
    [...new Set(Array.from({ length: 50 }, () => arrivesAt(scenario, SHOP, chance).event_id))].sort()
  assert.deepEqual(visited('rush'), [1])
  assert.deepEqual(visited('ceiling'), [1])
  assert.deepEqual(visited('many_events'), [2, 3])
  assert.deepEqual(visited('repeats'), [2, 3])
  assert.deepEqual(visited('sold_out'), [4])
})

test('a buyer has asked for nothing yet, and what is sent is what was decided', () => {
  const chance = seeded(4)
  const dates = new Set()
  for (let round = 0; round < 50; round += 1) {
    const buyer = orderOf({ id: 'b', scenario: 'rush', event: SHOP.hot, settings, chance })
    assert.deepEqual(JSON.parse(buyer.order), buyer.lines)
    assert.deepEqual(JSON.parse(buyer.payment), { paymentReference: 'b' })
    const thinks = Number(/^(\d+)ms$/.exec(buyer.thinks)?.[1])
    assert.ok(thinks >= 200 && thinks <= 800, 'think times are written in ms: Artillery ignores fractions of a second')
    assert.deepEqual(buyer.asked, { held: false, paid: false, let_go: false })
    assert.equal(buyer.reservation, '')
    dates.add(buyer.date)
  }
  assert.deepEqual(dates, new Set(['/events/1/2027-01-01/20:00', '/events/1/2027-01-02/20:00']))
})

test('buyers do not share what they have asked for', () => {
  const [one, other] = [5, 6].map((seed) =>
    orderOf({ id: 'b', scenario: 'rush', event: SHOP.hot, settings, chance: seeded(seed) }),
  )
  if (one) one.asked.held = true
  assert.equal(other?.asked.held, false)
})

test('at the ceiling all ask for two of the first type on the first date', () => {
  const buyer = orderOf({ id: 'b', scenario: 'ceiling', event: SHOP.hot, settings, chance: seeded(7) })
  assert.equal(buyer.order, '[{"tickettypeId":1,"quantity":2}]')
  assert.equal(buyer.date, '/events/1/2027-01-01/20:00')
})

test('a story has the number of tickets and the id of the reservation, null where there is none', () => {
  const buyer = orderOf({ id: 'b', scenario: 'ceiling', event: SHOP.hot, settings, chance: seeded(8) })
  assert.deepEqual(storyOf(buyer, 'sold_out'), {
    buyer: 'b',
    scenario: 'ceiling',
    event_id: 1,
    tickets: 2,
    end: 'sold_out',
    reservation: null,
    late: false,
    asked: { held: false, paid: false, let_go: false },
    acknowledged: { held: false, paid: false, let_go: false },
  })
  assert.equal(storyOf({ ...buyer, reservation: '/reservation/1-a' }, 'paid').reservation, '1-a')
})
