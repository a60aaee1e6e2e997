import { expect, it } from 'vitest'
import { marksOf, withProcesses } from '@/letters'

it('gives letters in the order of names, so that everybody who opens the view sees the same', () => {
  const marks = marksOf(withProcesses([], ['c0', 'a0', 'b0']))
  expect(marks.get('a0')).toEqual({ letter: 'A', hue: 1 })
  expect(marks.get('c0')).toEqual({ letter: 'C', hue: 3 })
})

it('lets everybody keep their letter when others come and go', () => {
  const seen = withProcesses(withProcesses([], ['b0', 'c0']), ['c0', 'a0'])
  expect([...marksOf(seen)].map(([process, { letter }]) => process + letter)).toEqual(['b0A', 'c0B', 'a0C'])
  expect(withProcesses(seen, ['a0'])).toBe(seen)
})

it('goes on after Z, and begins the colours again after the eighth', () => {
  const seen = Array.from({ length: 60 }, (_, index) => `process ${index}`)
  const marks = [...marksOf(seen).values()]
  expect(marks[25]?.letter).toBe('Z')
  expect(marks[26]?.letter).toBe('AA')
  expect(marks[53]?.letter).toBe('BB')
  expect(marks[8]?.hue).toBe(1)
  expect(new Set(marks.map(({ letter }) => letter)).size).toBe(60)
})
