/** Choosing the dates of an event: one by one, by a rule, or none for now. Pure. */

import type { NewDates, Recurrence } from '@/api'
import { RULE, ruleOf, type RuleChoice } from '@/manage/rule'

export type Way = 'single' | 'rule' | 'none'

export interface SingleDate {
  readonly date: string
  readonly startTime: string
}

export interface DatesChoice {
  readonly way: Way
  readonly singles: readonly SingleDate[]
  readonly firstDate: string
  readonly startTime: string
  readonly rule: RuleChoice
}

const START_TIME = '20:00'

/** A choice to begin with. */
export function newDates(way: Way = 'rule'): DatesChoice {
  return { way, singles: [{ date: '', startTime: START_TIME }], firstDate: '', startTime: START_TIME, rule: RULE }
}

/** One more row of dates, at the same time of day as the last. */
export function withSingle(choice: DatesChoice): DatesChoice {
  const startTime = choice.singles.at(-1)?.startTime ?? START_TIME
  return { ...choice, singles: [...choice.singles, { date: '', startTime }] }
}

/** The dates as the API takes them; null where something is missing. `none` is nothing at all. */
export function givenDates(choice: DatesChoice): NewDates | null {
  if (choice.way === 'none') return {}
  if (choice.way === 'rule') {
    const recurrence = recurrenceOf(choice)
    return recurrence === null ? null : { recurrence }
  }
  const dates = choice.singles.filter(({ date }) => date !== '')
  return dates.length === 0 || dates.some(({ startTime }) => startTime === '') ? null : { dates }
}

/** The recurrence that was chosen; null where something is missing. */
export function recurrenceOf({ firstDate, startTime, rule }: DatesChoice): Recurrence | null {
  const rrule = ruleOf(rule)
  return rrule === null || firstDate === '' || startTime === '' ? null : { rrule, firstDate, startTime }
}
