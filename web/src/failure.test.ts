import { describe, expect, test } from 'vitest'
import { failureBehind, failureOf } from '@/failure'

const SOLD_OUT = {
  type: '/problems/sold-out',
  title: 'Sold out',
  status: 409,
  detail: 'Fewer tickets are left than were asked for.',
  left: { available: 1, ticketTypes: [] },
}

describe('a failure', () => {
  test('without an answer may pass', () => {
    const failure = failureBehind(new TypeError('Failed to fetch'), undefined)
    expect(failure.kind).toBe('unreachable')
    expect(failure.passing).toBe(true)
    expect(failure.slug).toBeNull()
  })

  test('that is a refusal speaks the service’s words, and does not pass', () => {
    const failure = failureBehind(SOLD_OUT, new Response(null, { status: 409 }))
    expect(failure).toMatchObject({ kind: 'refused', slug: 'sold-out', message: SOLD_OUT.detail, passing: false })
    expect(failure.problem?.left?.available).toBe(1)
  })

  test.each([503, 429, 500])('of status %i passes, after as long as the service asks for', (status) => {
    const response = new Response(null, { status, headers: { 'Retry-After': '2' } })
    expect(failureBehind({ ...SOLD_OUT, status }, response)).toMatchObject({ passing: true, retryAfterSeconds: 2 })
  })

  test('that is no problem document is told by its status', () => {
    const failure = failureBehind('<html>', new Response(null, { status: 418 }))
    expect(failure).toMatchObject({ kind: 'broken', status: 418, passing: false })
  })

  test('by not-found says that nothing is there', () => {
    const problem = { type: '/problems/not-found', title: 'Not found', status: 404 }
    expect(failureBehind(problem, new Response(null, { status: 404 })).missing).toBe(true)
    expect(failureBehind(SOLD_OUT, new Response(null, { status: 409 })).missing).toBe(false)
  })

  test('may be anything that was thrown', () => {
    expect(failureOf(new Error('broke')).message).toBe('broke')
    expect(failureOf('broke').kind).toBe('broken')
  })
})
