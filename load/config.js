/** Artillery's `config` for a storm. Artillery takes all that a file exports for parts of its script. */

import { checksOf, configOf, phasesOf, targetOf } from './plan.js'
import { loadSettings } from './settings.js'

const settings = loadSettings(process.env)

export const config = configOf(settings, targetOf(process.env), phasesOf(settings), { ensure: checksOf(settings) })
