/**
 * Makes the events of a storm, or finds those that are on sale, and writes them down for any number of Artilleries.
 *
 *     TARGET=... ADMIN_TOKEN=... node prepare.js events.json
 */

import { writeFileSync } from 'node:fs'
import { targetOf } from './plan.js'
import { loadSettings } from './settings.js'
import { openShop } from './shop.js'

const file = process.argv[2]
if (!file) {
  console.error('usage: node prepare.js FILE')
  process.exit(2)
}
try {
  const shop = await openShop({ ...process.env, STRESS_EVENTS: '' }, targetOf(process.env), loadSettings(process.env))
  writeFileSync(file, `${JSON.stringify(shop)}\n`)
} catch (error) {
  console.error(/** @type {Error} */ (error).message)
  process.exit(1)
}
