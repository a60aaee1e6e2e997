import { describe, expect, it } from 'vitest'
import { FORM, readForm } from '@/rush/settings'

describe('readForm', () => {
  it('takes what the form begins with', () => {
    const { settings, errors } = readForm(FORM, [1, 2])
    expect(errors).toEqual({})
    expect(settings).toMatchObject({ buyers: 200, types: [1, 2], payShare: 0.7, letGoShare: 0.2, thinkMs: 1000 })
  })

  it('leaves out types', () => {
    expect(readForm({ ...FORM, typesLeftOut: [1] }, [1, 2]).settings?.types).toEqual([2])
    expect(readForm({ ...FORM, typesLeftOut: [1, 2] }, [1, 2]).errors.typesLeftOut).toMatch(/at least one/)
  })

  it('names each field that is wrong', () => {
    const { settings, errors } = readForm({ ...FORM, buyers: '0', atOnce: '', thinkSeconds: '1.5' }, [1])
    expect(settings).toBeNull()
    expect(Object.keys(errors).toSorted()).toEqual(['atOnce', 'buyers', 'thinkSeconds'])
  })

  it('looks at what belongs together', () => {
    expect(readForm({ ...FORM, ticketsMin: '5' }, [1]).errors).toEqual({ ticketsMax: 'This is less than the fewest.' })
    expect(Object.keys(readForm({ ...FORM, payPercent: '81' }, [1]).errors)).toEqual(['letGoPercent'])
    expect(readForm({ ...FORM, payPercent: '80' }, [1]).errors).toEqual({})
  })
})
