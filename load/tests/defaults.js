/** What settings.json says. */

import { readFileSync } from 'node:fs'
import { SETTINGS_FILE } from '../settings.js'

/** @type {Record<string, object>} */
export const DEFAULTS = JSON.parse(readFileSync(SETTINGS_FILE, 'utf8'))
