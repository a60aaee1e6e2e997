/** Artillery's `config` for its own ceiling: as many buyers as it can send, each with one hold; nothing is ensured. */

import { ceilingOf, configOf, targetOf } from './plan.js'
import { loadSettings } from './settings.js'

const settings = loadSettings(process.env)

export const config = configOf(settings, targetOf(process.env), ceilingOf(settings), {})
