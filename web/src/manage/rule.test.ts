import { expect, it } from 'vitest'
import { RULE, ruleOf } from '@/manage/rule'

it('says a choice as RFC 5545 does', () => {
  expect(ruleOf(RULE)).toBe('FREQ=WEEKLY;COUNT=10')
  expect(ruleOf({ ...RULE, days: ['FR', 'TU'] })).toBe('FREQ=WEEKLY;BYDAY=TU,FR;COUNT=10')
  expect(ruleOf({ ...RULE, every: 'DAILY', days: ['FR'], count: ' 3 ' })).toBe('FREQ=DAILY;COUNT=3')
  expect(ruleOf({ ...RULE, every: 'MONTHLY', ends: 'until', until: '2027-06-30' })).toBe('FREQ=MONTHLY;UNTIL=20270630')
})

it('lets a rule of its own stand as it is', () => {
  expect(ruleOf({ ...RULE, every: 'own', own: ' FREQ=YEARLY;COUNT=2 ' })).toBe('FREQ=YEARLY;COUNT=2')
})

it('is none while something is missing', () => {
  expect(ruleOf({ ...RULE, every: 'own' })).toBeNull()
  for (const count of ['', '0', '-1', '1.5', 'many']) expect(ruleOf({ ...RULE, count })).toBeNull()
  expect(ruleOf({ ...RULE, ends: 'until' })).toBeNull()
})
