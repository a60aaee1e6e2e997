import { describe, expect, it } from 'vitest'
import { Failure } from '@/failure'
import { refusalOf } from '@/manage/refusal'

function refused(slug: string, detail: string, more: object = {}): Failure {
  const problem = { type: `/problems/${slug}`, title: slug, status: 422, detail, ...more }
  return new Failure('refused', detail, { problem })
}

describe('refusalOf', () => {
  it.each([
    ['The body does not fit at $.maxTickets: Expected `int`.', 'maxTickets', 'Expected `int`.'],
    ['The body does not fit at $.recurrence.rrule: Expected `str`.', 'rrule', 'Expected `str`.'],
    ['The body does not fit at $.ticketTypes[1].max: Expected `int`.', 'ticketTypes', 'Expected `int`.'],
    ['The body does not fit at $.dates[0].startTime: No match.', 'dates', 'No match.'],
    ['The body does not fit at $: Object missing required field `name`.', null, 'Object missing required field `name`.'],
    ['rrule: FREQ must be one of YEARLY.', 'rrule', 'FREQ must be one of YEARLY.'],
    ["There is no time zone 'Mars/Olympus'.", 'timeZone', "There is no time zone 'Mars/Olympus'."],
    ['There is no ticket type 9.', 'ticketTypes', 'There is no ticket type 9.'],
    ['A name holds no control characters.', 'name', 'A name holds no control characters.'],
    ['Date 2027-01-01 20:00:00 is named twice.', 'dates', 'Date 2027-01-01 20:00:00 is named twice.'],
    ['At most 5000 dates are added at once.', 'dates', 'At most 5000 dates are added at once.'],
    ['Something new.', null, 'Something new.'],
  ])('%s', (detail, field, text) => {
    expect(refusalOf(refused('invalid-request', detail))).toEqual({ field, text })
  })

  it('says of dates that are there already that they are', () => {
    expect(refusalOf(refused('date-exists', 'The event already has it.')).field).toBe('dates')
  })

  it('finds the limit that is below what is sold', () => {
    const types = new Map([[3, 'Discount (10%)']])
    const rest = 'are sold on the fullest date; nothing changed.'
    const total = refused('below-sold', `1200 tickets (total) ${rest}`, { sold: 1200 })
    expect(refusalOf(total, types).field).toBe('maxTickets')
    expect(refusalOf(total, types).text).toMatch(/^1.200 are held or paid/)
    const type = refused('below-sold', `5 tickets (Discount (10%)) ${rest}`, { sold: 5 })
    expect(refusalOf(type, types).field).toBe('max:3')
  })

  it('leaves what is about no field to the whole form', () => {
    expect(refusalOf(new Failure('unreachable', 'No answer.'))).toEqual({ field: null, text: 'No answer.' })
    expect(refusalOf(refused('overloaded', 'A ticket type is busy.')).field).toBeNull()
  })
})
