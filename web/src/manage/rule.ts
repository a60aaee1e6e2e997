/** Choosing when an event recurs, and the rule of RFC 5545 that says so. Pure. */

export const DAYS = [
  ['MO', 'Mon'],
  ['TU', 'Tue'],
  ['WE', 'Wed'],
  ['TH', 'Thu'],
  ['FR', 'Fri'],
  ['SA', 'Sat'],
  ['SU', 'Sun'],
] as const

export type Day = (typeof DAYS)[number][0]
export type Every = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'own'

export interface RuleChoice {
  readonly every: Every
  /** Of a weekly rule; none means the weekday of the first date. */
  readonly days: readonly Day[]
  readonly ends: 'count' | 'until'
  readonly count: string
  /** YYYY-MM-DD, the last date that may be one. */
  readonly until: string
  /** A rule in its own words, in place of all that is above. */
  readonly own: string
}

export const RULE: RuleChoice = { every: 'WEEKLY', days: [], ends: 'count', count: '10', until: '', own: '' }

/** The rule, or null where something that it needs is missing. */
export function ruleOf(choice: RuleChoice): string | null {
  if (choice.every === 'own') return choice.own.trim() === '' ? null : choice.own.trim()
  const end = endOf(choice)
  if (end === null) return null
  // The days stand in the order of the week, however they were chosen.
  const days = DAYS.map(([day]) => day).filter((day) => choice.days.includes(day))
  const byDay = choice.every === 'WEEKLY' && days.length > 0 ? `;BYDAY=${days.join(',')}` : ''
  return `FREQ=${choice.every}${byDay};${end}`
}

function endOf({ ends, count, until }: RuleChoice): string | null {
  if (ends === 'count') return /^[1-9]\d*$/.test(count.trim()) ? `COUNT=${count.trim()}` : null
  return /^\d{4}-\d\d-\d\d$/.test(until) ? `UNTIL=${until.replaceAll('-', '')}` : null
}
