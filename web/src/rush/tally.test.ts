import { expect, it } from 'vitest'
import { Failure } from '@/failure'
import { asking, deciding, endOf, newTally } from '@/rush/tally'

function refusal(slug: string, status: number): Failure {
  return new Failure('refused', slug, { problem: { type: `/problems/${slug}`, title: slug, status } })
}

it('knows how many are still under way', () => {
  const tally = { ...newTally(), setOut: 10, held: 6, soldOut: 1, refused: 1, failed: 1, paid: 2, letGo: 1, expired: 1 }
  expect(asking(tally)).toBe(1)
  expect(deciding(tally)).toBe(2)
  expect(asking(newTally())).toBe(0)
})

it('tells refusals apart', () => {
  expect(endOf(refusal('sold-out', 409))).toBe('soldOut')
  expect(endOf(refusal('overloaded', 503))).toBe('refused')
  expect(endOf(refusal('rate-limited', 429))).toBe('refused')
  expect(endOf(refusal('date-past', 409))).toBe('failed')
  expect(endOf(new Failure('unreachable', 'no answer'))).toBe('failed')
  expect(endOf(new TypeError('what is this'))).toBe('failed')
})
