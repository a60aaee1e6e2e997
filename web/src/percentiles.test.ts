import { expect, it } from 'vitest'
import { percentilesOf } from '@/percentiles'

it('takes percentiles by nearest rank, in whatever order the values come', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(percentilesOf(values)).toEqual({ count: 100, p50: 50, p90: 90, p99: 99, most: 100 })
  expect(values[0]).toBe(100)
})

it('takes few values as they are', () => {
  expect(percentilesOf([7])).toEqual({ count: 1, p50: 7, p90: 7, p99: 7, most: 7 })
  expect(percentilesOf([9, 1])).toEqual({ count: 2, p50: 1, p90: 9, p99: 9, most: 9 })
})

it('sorts as numbers, not as text', () => {
  expect(percentilesOf([10, 9, 100])?.p50).toBe(10)
})

it('knows nothing of nothing', () => {
  expect(percentilesOf([])).toBeNull()
})
