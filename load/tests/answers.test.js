import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultOfHold, faultOfPayment, faultOfRefusal, faultOfRepeat, hear, mayHaveExpired } from '../answers.js'

const ORDER = [
  { tickettypeId: 1, quantity: 2 },
  { tickettypeId: 2, quantity: 1 },
]
const BACK = { 'retry-after': '1' }

/**
 * @param {import('../answers.js').Request} request @param {number} status @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 */
function heard(request, status, body = '{}', headers = {}) {
  const { outcome, reason } = hear(request, { status, headers, body })
  return [outcome, reason]
}

test('each answer that the API promises has its class, and no reason', () => {
  assert.deepEqual(heard('hold', 201), ['held', ''])
  assert.deepEqual(heard('hold', 409), ['sold_out', ''])
  assert.deepEqual(heard('repeat', 201), ['repeated', ''])
  assert.deepEqual(heard('pay', 200), ['paid', ''])
  assert.deepEqual(heard('pay', 410), ['gone', ''])
  assert.deepEqual(heard('let_go', 204, ''), ['let_go', ''])
  assert.deepEqual(heard('let_go', 410), ['gone', ''])
  assert.deepEqual(heard('browse', 200), ['browsed', ''])
})

test('a refusal for load says when to come back; another 503 has failed', () => {
  for (const request of /** @type {const} */ (['hold', 'repeat', 'pay', 'let_go', 'browse'])) {
    assert.deepEqual(heard(request, 503, '', BACK), ['refused_for_load', ''])
    assert.deepEqual(heard(request, 429, '', BACK), ['refused_for_load', ''])
    assert.deepEqual(heard(request, 503), ['failed', `${request} answered 503`])
    assert.deepEqual(heard(request, 429), ['malformed', `${request} answered 429`])
    assert.deepEqual(heard(request, 500, '', BACK), ['failed', `${request} answered 500`])
  }
})

test('an answer that contradicts an earlier one has failed', () => {
  assert.deepEqual(heard('repeat', 409), ['failed', 'repeat answered 409'])
  assert.deepEqual(heard('repeat', 422), ['failed', 'repeat answered 422'])
  assert.deepEqual(heard('pay', 409), ['failed', 'pay answered 409'])
  assert.deepEqual(heard('let_go', 409), ['failed', 'let_go answered 409'])
})

test('whatever else is not promised is malformed', () => {
  assert.deepEqual(heard('hold', 200), ['malformed', 'hold answered 200'])
  assert.deepEqual(heard('hold', 404), ['malformed', 'hold answered 404'])
  assert.deepEqual(heard('hold', 422), ['malformed', 'hold answered 422'])
  assert.deepEqual(heard('browse', 302), ['malformed', 'browse answered 302'])
  assert.deepEqual(heard('hold', 201, '<html>'), ['malformed', 'hold answered no JSON'])
  assert.deepEqual(heard('hold', 201, ''), ['malformed', 'hold answered no JSON'])
  assert.deepEqual(heard('pay', 200, '"paid"'), ['malformed', 'pay answered no JSON'])
})

test('a hold is of the tickets that were ordered', () => {
  const tickets = [1, 2, 1].map((tickettypeId) => ({ tickettypeId }))
  assert.equal(faultOfHold({ reservationId: '1-a', tickets }, ORDER), '')
  assert.equal(faultOfHold({ tickets }, ORDER), 'hold tells no reservation')
  assert.equal(faultOfHold({ reservationId: '1-a' }, ORDER), 'hold tells no reservation')
  const fewer = { reservationId: '1-a', tickets: tickets.slice(1) }
  assert.equal(faultOfHold(fewer, ORDER), 'hold has another number of tickets')
  const others = [1, 2, 2].map((tickettypeId) => ({ tickettypeId }))
  assert.equal(faultOfHold({ reservationId: '1-a', tickets: others }, ORDER), 'hold has tickets of other types')
  const unknown = [1, 1, 3].map((tickettypeId) => ({ tickettypeId }))
  assert.equal(faultOfHold({ reservationId: '1-a', tickets: unknown }, ORDER), 'hold has tickets of other types')
})

test('a refusal says itself that too few are left', () => {
  /** @param {number} available @param {number} first @param {number} second */
  const refusal = (available, first, second) => ({
    type: '/problems/sold-out',
    left: {
      available,
      ticketTypes: [
        { tickettypeId: 1, available: first },
        { tickettypeId: 2, available: second },
      ],
    },
  })
  assert.equal(faultOfRefusal(refusal(0, 0, 0), ORDER), '')
  assert.equal(faultOfRefusal(refusal(2, 2, 2), ORDER), '')
  assert.equal(faultOfRefusal(refusal(9, 9, 0), ORDER), '')
  assert.equal(faultOfRefusal(refusal(3, 2, 1), ORDER), 'hold refused though enough is left')
  assert.equal(faultOfRefusal({ type: '/problems/sold-out' }, ORDER), 'refusal does not say what is left')
  assert.equal(faultOfRefusal({ type: '/problems/date-past' }, ORDER), 'hold refused for /problems/date-past')
})

test('a payment is of the reservation and by the reference', () => {
  const sale = { reservationId: '1-a', state: 'paid', paymentReference: 'buyer' }
  const fault = (/** @type {object} */ change) =>
    faultOfPayment({ ...sale, ...change }, '/reservation/1-a', 'buyer')
  assert.equal(fault({}), '')
  assert.equal(fault({ reservationId: '1-b' }), 'payment is of another reservation')
  assert.equal(fault({ state: 'held' }), 'payment leaves the hold unpaid')
  assert.equal(fault({ paymentReference: 'another' }), 'payment has another reference')
})

test('a repeat tells what was told before, and that it does', () => {
  assert.equal(faultOfRepeat('same', 'same', true), '')
  assert.equal(faultOfRepeat('same', 'same', false), 'repeat is not said to be one')
  assert.equal(faultOfRepeat('another', 'same', true), 'repeat tells another reservation')
})

test('a hold is gone too early while the service itself says that it has time left', () => {
  const told = JSON.stringify({ expiresAt: '2027-01-01T20:00:30.500Z' })
  assert.equal(mayHaveExpired(told, 'Fri, 01 Jan 2027 20:00:00 GMT'), false)
  assert.equal(mayHaveExpired(told, 'Fri, 01 Jan 2027 20:00:28 GMT'), false)
  assert.equal(mayHaveExpired(told, 'Fri, 01 Jan 2027 20:00:29 GMT'), true)
  assert.equal(mayHaveExpired(told, 'Fri, 01 Jan 2027 20:01:00 GMT'), true)
  assert.equal(mayHaveExpired(told, undefined), true)
})
