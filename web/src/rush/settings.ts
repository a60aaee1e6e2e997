/** What a rush is told: how many buyers, what each of them wants, and what becomes of their holds. Pure. */

import { readWhole } from '@/numbers'

export interface RushSettings {
  readonly buyers: number
  /** Requests under way at once, at most. */
  readonly atOnce: number
  readonly ticketsMin: number
  readonly ticketsMax: number
  /** Ids of the ticket types that buyers choose from. */
  readonly types: readonly number[]
  /** Of those who hold: so many pay, so many let go; the others let their time run out. */
  readonly payShare: number
  readonly letGoShare: number
  /** How long buyers think on average before they pay or let go. */
  readonly thinkMs: number
}

/** The same as it is typed; types that are left out by number. */
export interface RushForm {
  readonly buyers: string
  readonly atOnce: string
  readonly ticketsMin: string
  readonly ticketsMax: string
  readonly payPercent: string
  readonly letGoPercent: string
  readonly thinkSeconds: string
  readonly typesLeftOut: readonly number[]
}

export type RushErrors = Readonly<Partial<Record<keyof RushForm, string>>>

export const FORM: RushForm = {
  buyers: '200',
  atOnce: '5',
  ticketsMin: '1',
  ticketsMax: '4',
  payPercent: '70',
  letGoPercent: '20',
  thinkSeconds: '1',
  typesLeftOut: [],
}

export const BUYERS_MAX = 20_000
export const AT_ONCE_MAX = 256
const TICKETS_MAX = 50
const THINK_SECONDS_MAX = 600
const HUNDRED = 100

interface Checked {
  /** Null where something is wrong. */
  readonly settings: RushSettings | null
  readonly errors: RushErrors
}

/** The settings that were typed, for a date that offers these types. */
export function readForm(form: RushForm, offered: readonly number[]): Checked {
  const read = {
    buyers: readWhole(form.buyers, 1, BUYERS_MAX),
    atOnce: readWhole(form.atOnce, 1, AT_ONCE_MAX),
    ticketsMin: readWhole(form.ticketsMin, 1, TICKETS_MAX),
    ticketsMax: readWhole(form.ticketsMax, 1, TICKETS_MAX),
    payPercent: readWhole(form.payPercent, 0, HUNDRED),
    letGoPercent: readWhole(form.letGoPercent, 0, HUNDRED),
    thinkSeconds: readWhole(form.thinkSeconds, 0, THINK_SECONDS_MAX),
  }
  const types = offered.filter((type) => !form.typesLeftOut.includes(type))
  const told = Object.entries(read).flatMap(([field, { error }]) => (error === '' ? [] : [[field, error] as const]))
  const errors: RushErrors = { ...together(form, types), ...Object.fromEntries(told) }
  if (Object.keys(errors).length > 0) return { settings: null, errors }
  const value = (field: keyof typeof read): number => read[field].value ?? 0
  const settings = {
    buyers: value('buyers'),
    atOnce: value('atOnce'),
    ticketsMin: value('ticketsMin'),
    ticketsMax: value('ticketsMax'),
    types,
    payShare: value('payPercent') / HUNDRED,
    letGoShare: value('letGoPercent') / HUNDRED,
    thinkMs: value('thinkSeconds') * 1000,
  }
  return { settings, errors }
}

/** What is wrong only of fields together. */
function together(form: RushForm, types: readonly number[]): RushErrors {
  const turned = Number(form.ticketsMax) < Number(form.ticketsMin)
  const tooMany = Number(form.payPercent) + Number(form.letGoPercent) > HUNDRED
  return {
    ...(turned ? { ticketsMax: 'This is less than the fewest.' } : {}),
    ...(tooMany ? { letGoPercent: 'With those who pay, this is more than 100%.' } : {}),
    ...(types.length === 0 ? { typesLeftOut: 'Buyers need at least one type to choose.' } : {}),
  }
}
