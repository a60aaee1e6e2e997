/** Light, dark, or as the system says; remembered in this browser. */

import { ref, watchEffect } from 'vue'
import { readKept, writeKept } from '@/kept'

export const THEMES = ['light', 'system', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'theme'

function keptTheme(): Theme {
  const kept = readKept(localStorage, KEY)
  return THEMES.find((theme) => theme === kept) ?? 'system'
}

export const theme = ref<Theme>(keptTheme())

/** Show the theme now, and whenever another is chosen. */
export function showTheme(): void {
  watchEffect(() => {
    if (theme.value === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme.value
    writeKept(localStorage, KEY, theme.value)
  })
}
