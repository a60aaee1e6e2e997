import { describe, expect, it } from 'vitest'
import { givenDates, newDates, withSingle, type DatesChoice } from '@/manage/dates'

describe('givenDates', () => {
  it('gives dates one by one, without the rows that are empty', () => {
    const first = { date: '2027-06-01', startTime: '19:30' }
    const choice: DatesChoice = { ...newDates('single'), singles: [first] }
    expect(givenDates(withSingle(choice))).toEqual({ dates: [first] })
    expect(withSingle(choice).singles.at(-1)).toEqual({ date: '', startTime: '19:30' })
  })

  it('gives a recurrence', () => {
    expect(givenDates({ ...newDates('rule'), firstDate: '2027-06-01' })).toEqual({
      recurrence: { rrule: 'FREQ=WEEKLY;COUNT=10', firstDate: '2027-06-01', startTime: '20:00' },
    })
  })

  it('gives nothing when none are wanted yet', () => {
    expect(givenDates(newDates('none'))).toEqual({})
  })

  it('is null while something is missing', () => {
    expect(givenDates(newDates('rule'))).toBeNull()
    expect(givenDates(newDates('single'))).toBeNull()
    expect(givenDates({ ...newDates('single'), singles: [{ date: '2027-06-01', startTime: '' }] })).toBeNull()
    expect(givenDates({ ...newDates('rule'), firstDate: '2027-06-01', startTime: '' })).toBeNull()
  })
})
