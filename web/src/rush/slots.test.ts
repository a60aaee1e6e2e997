import { expect, it } from 'vitest'
import { Slots } from '@/rush/slots'

it('lets in no more than there are slots, and those in a hurry first', async () => {
  const slots = new Slots(2)
  const entered: string[] = []
  const enter = async (name: string, urgent: boolean): Promise<void> => {
    await slots.take(urgent)
    entered.push(name)
  }
  const all = [enter('a', false), enter('b', false), enter('c', false), enter('d', true), enter('e', false)]
  await Promise.all(all.slice(0, 2))
  expect(entered).toEqual(['a', 'b'])
  slots.give()
  await all[3]
  expect(entered).toEqual(['a', 'b', 'd'])
  slots.give()
  slots.give()
  await Promise.all(all)
  expect(entered).toEqual(['a', 'b', 'd', 'c', 'e'])
  slots.give()
  slots.give()
  await slots.take(false)
})
