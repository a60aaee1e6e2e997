import { describe, expect, it } from 'vitest'
import { readWhole, readWholeOrNone } from '@/numbers'

describe('readWhole', () => {
  it('takes whole numbers within its bounds, as text or as number', () => {
    expect(readWhole('0', 0, 10)).toEqual({ value: 0, error: '' })
    expect(readWhole(' 10 ', 0, 10)).toEqual({ value: 10, error: '' })
    expect(readWhole(7, 0, 10).value).toBe(7)
  })

  it('says what is wrong', () => {
    expect(readWhole('', 0, 10)).toEqual({ value: null, error: 'A number is needed.' })
    for (const typed of ['1.5', 'ten', '1e3', '0x10']) {
      expect(readWhole(typed, 0, 10_000)).toEqual({ value: null, error: 'This must be a whole number.' })
    }
    expect(readWhole('11', 1, 10).error).toBe('This must be from 1 to 10.')
    expect(readWhole('0', 1, 20_000).error).toBe('This must be from 1 to 20,000.')
  })
})

describe('readWholeOrNone', () => {
  it('takes nothing for an answer, and is as strict otherwise', () => {
    expect(readWholeOrNone('', 1, 10)).toEqual({ value: null, error: '' })
    expect(readWholeOrNone('x', 1, 10).error).not.toBe('')
    expect(readWholeOrNone('3', 1, 10).value).toBe(3)
  })
})
