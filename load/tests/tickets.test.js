import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseSettings } from '../settings.js'
import { drawIntention, drawOne, drawOrder, drawWeighted, drawWhole, pathOf, ticketsIn } from '../tickets.js'
import { given, seeded } from './chance.js'
import { DEFAULTS } from './defaults.js'

const OFFERED = [
  { id: 7, name: 'Normal', max: null },
  { id: 9, name: 'Discount', max: 30 },
]
const settings = chooseSettings([DEFAULTS], 'default')
const JUST_BELOW_ONE = 1 - Number.EPSILON

test('whole numbers are drawn from the lowest to the highest', () => {
  assert.equal(drawWhole([1, 6], given(0)), 1)
  assert.equal(drawWhole([1, 6], given(JUST_BELOW_ONE)), 6)
  assert.equal(drawWhole([3, 3], given(0.5)), 3)
  const chance = seeded(1)
  assert.deepEqual(new Set(Array.from({ length: 200 }, () => drawWhole([1, 6], chance))), new Set([1, 2, 3, 4, 5, 6]))
})

test('what weighs more is drawn more often, and what weighs nothing never', () => {
  const among = [
    { name: 'never', weight: 0 },
    { name: 'seldom', weight: 1 },
    { name: 'often', weight: 3 },
    { name: 'neither', weight: 0 },
  ]
  const drawn = [0, 0.2499, 0.25, JUST_BELOW_ONE].map(
    (number) => drawWeighted(among, (one) => one.weight, given(number)).name,
  )
  assert.deepEqual(drawn, ['seldom', 'seldom', 'often', 'often'])
})

test('one of several is drawn, the first and the last too', () => {
  assert.equal(drawOne(['a', 'b', 'c'], given(0)), 'a')
  assert.equal(drawOne(['a', 'b', 'c'], given(JUST_BELOW_ONE)), 'c')
})

test('an order has as many tickets as the settings say, of types that are offered, no type twice', () => {
  const chance = seeded(2)
  const seen = new Set()
  for (let round = 0; round < 500; round += 1) {
    const order = drawOrder(OFFERED, settings, chance)
    const types = order.map((line) => line.tickettypeId)
    assert.equal(new Set(types).size, types.length)
    assert.ok(types.every((type) => type === 7 || type === 9))
    assert.ok(order.every((line) => line.quantity >= 1))
    seen.add(ticketsIn(order))
  }
  assert.deepEqual(seen, new Set([1, 2, 3, 4, 5, 6]))
})

test('types are mixed by their weights', () => {
  const mixed = drawOrder(OFFERED, settings, given(0.5, 0, 0.99, 0, 0.99))
  assert.deepEqual(mixed, [
    { tickettypeId: 7, quantity: 2 },
    { tickettypeId: 9, quantity: 2 },
  ])
  const heaviest = 75 / 95
  assert.equal(drawOrder(OFFERED, settings, given(0, heaviest - 0.001))[0]?.tickettypeId, 7)
  assert.equal(drawOrder(OFFERED, settings, given(0, heaviest + 0.001))[0]?.tickettypeId, 9)
})

test('a type that the settings do not name weighs as much as the lightest', () => {
  const offered = [{ id: 1, name: 'Elsewhere', max: null }, ...OFFERED]
  const lightest = 5 / 100
  assert.equal(drawOrder(offered, settings, given(0, lightest - 0.001))[0]?.tickettypeId, 1)
  assert.equal(drawOrder(offered, settings, given(0, lightest + 0.001))[0]?.tickettypeId, 7)
})

test('seven in ten pay, two walk away, one lets go', () => {
  const drawn = [0, 0.699, 0.701, 0.899, 0.901, JUST_BELOW_ONE].map((number) =>
    drawIntention(settings.shares, given(number)),
  )
  assert.deepEqual(drawn, ['pays', 'pays', 'walks_away', 'walks_away', 'lets_go', 'lets_go'])
})

test('tickets of a date are held at its address', () => {
  const date = { date: '2027-01-01', start_time: '20:00' }
  const event = /** @type {any} */ ({ event_id: 3 })
  assert.equal(pathOf(event, date), '/events/3/2027-01-01/20:00')
})
