/** The figures of a storm: the defaults in settings.json, what another file says otherwise, and their bounds. */

import { readFileSync } from 'node:fs'

/**
 * @typedef {[low: number, high: number]} Range
 * @typedef {{ name: string, weight: number, max_share: number | null }} TypeOnSale
 * @typedef {object} Settings
 * @property {Record<'warm_up' | 'ramp' | 'rush' | 'plateau' | 'sold_out', number>} seconds
 * @property {Record<'warm_up' | 'rush' | 'plateau' | 'sold_out', number>} rates
 * @property {Record<'browse' | 'rush' | 'many_events' | 'sold_out' | 'repeats', number>} weights
 * @property {Record<'pays' | 'walks_away' | 'lets_go', number>} shares
 * @property {Range} think_ms
 * @property {Range} tickets
 * @property {TypeOnSale[]} types
 * @property {number} capacity
 * @property {number} shards
 * @property {number} many_events
 * @property {number} many_dates
 * @property {number} many_capacity
 * @property {number} sold_out_capacity
 * @property {number} browse_pages
 * @property {number} browse_limit
 * @property {number} browse_days
 * @property {Range} cut_ms
 * @property {number} connections
 * @property {number} timeout_seconds
 * @property {number} buyers_max
 * @property {Record<'p95' | 'p99', number>} latency_ms_max
 * @property {Record<'seconds' | 'rate' | 'buyers_max', number>} ceiling
 */

export const SETTINGS_FILE = new URL('settings.json', import.meta.url)

/** The lowest and the highest value of each figure; of a list, those of each element. @type {Record<string, Range>} */
const BOUNDS = {
  'seconds.warm_up': [0, 86_400],
  'seconds.ramp': [0, 86_400],
  'seconds.rush': [0, 86_400],
  'seconds.plateau': [0, 86_400],
  'seconds.sold_out': [0, 86_400],
  'rates.warm_up': [0, 10_000],
  'rates.rush': [0, 10_000],
  'rates.plateau': [0, 10_000],
  'rates.sold_out': [0, 10_000],
  'weights.browse': [0, 1_000],
  'weights.rush': [0, 1_000],
  'weights.many_events': [0, 1_000],
  'weights.sold_out': [0, 1_000],
  'weights.repeats': [0, 1_000],
  'shares.pays': [0, 1],
  'shares.walks_away': [0, 1],
  'shares.lets_go': [0, 1],
  think_ms: [0, 3_600_000],
  tickets: [1, 50],
  capacity: [1, 900_000_000],
  shards: [1, 256],
  many_events: [1, 10_000],
  many_dates: [1, 1_000],
  many_capacity: [1, 900_000_000],
  sold_out_capacity: [1, 900_000_000],
  browse_pages: [1, 1_000],
  browse_limit: [1, 100],
  browse_days: [1, 3_660],
  cut_ms: [0, 10_000],
  connections: [1, 60_000],
  timeout_seconds: [1, 3_600],
  buyers_max: [1, 1_000_000],
  'latency_ms_max.p95': [1, 3_600_000],
  'latency_ms_max.p99': [1, 3_600_000],
  'ceiling.seconds': [1, 86_400],
  'ceiling.rate': [1, 10_000],
  'ceiling.buyers_max': [1, 60_000],
}
const FRACTIONS = new Set(['shares.pays', 'shares.walks_away', 'shares.lets_go'])
const LISTS = new Set(['think_ms', 'tickets', 'cut_ms'])

/**
 * Return the settings that the environment asks for: STRESS_SET chooses a set of settings.json, and STRESS_SETTINGS
 * names a file of the same form whose figures go before those. Throws an Error that names each figure out of bounds.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Settings}
 */
export function loadSettings(environment) {
  const files = environment.STRESS_SETTINGS ? [SETTINGS_FILE, environment.STRESS_SETTINGS] : [SETTINGS_FILE]
  return chooseSettings(
    files.map((file) => JSON.parse(readFileSync(file, 'utf8'))),
    environment.STRESS_SET || 'default',
  )
}

/**
 * Lay sets of figures over each other: of each file the default set and then the chosen one, later files on top.
 * @param {Record<string, object>[]} files
 * @param {string} chosen
 * @returns {Settings}
 */
export function chooseSettings(files, chosen) {
  if (!files.some((file) => chosen in file)) throw new Error(`no set of settings is called ${chosen}`)
  /** @type {Record<string, unknown>} */
  const settings = {}
  const names = chosen === 'default' ? [chosen] : ['default', chosen]
  for (const file of files) for (const name of names) lay(settings, file[name] ?? {})
  const faults = faultsOf(settings)
  if (faults.length > 0) throw new Error(`settings of the storm: ${faults.join('; ')}`)
  return /** @type {Settings} */ (/** @type {unknown} */ (settings))
}

/** @param {Record<string, unknown>} below @param {object} above */
function lay(below, above) {
  for (const [name, value] of Object.entries(above)) {
    const present = below[name]
    if (isGroup(present) && isGroup(value)) lay(present, value)
    else below[name] = structuredClone(value)
  }
}

/**
 * Find what no storm can be made of, one line each.
 * @param {Record<string, unknown>} settings
 * @returns {string[]}
 */
export function faultsOf(settings) {
  const { types, ...figures } = settings
  const found = flat(figures)
  const faults = [...found.keys()].filter((name) => !(name in BOUNDS)).map((name) => `${name} is not known`)
  for (const [name, bounds] of Object.entries(BOUNDS)) {
    const fault = faultOf(name, found.get(name), bounds)
    if (fault) faults.push(fault)
  }
  if (faults.length > 0) return faults
  const shares = ['pays', 'walks_away', 'lets_go'].reduce((sum, name) => sum + Number(found.get(`shares.${name}`)), 0)
  if (Math.abs(shares - 1) > 1e-9) faults.push(`shares add up to ${shares}, not 1`)
  return [...faults, ...faultsOfTypes(types)]
}

/** @param {string} name @param {unknown} value @param {Range} bounds */
function faultOf(name, value, [low, high]) {
  const inBounds = (/** @type {unknown} */ figure) =>
    typeof figure === 'number' && figure >= low && figure <= high && (FRACTIONS.has(name) || Number.isInteger(figure))
  if (LISTS.has(name)) {
    const holds = Array.isArray(value) && value.length === 2 && value.every(inBounds) && value[0] <= value[1]
    return holds ? '' : `${name} must be two whole numbers from ${low} to ${high}, the lower one first`
  }
  const kind = FRACTIONS.has(name) ? 'a number' : 'a whole number'
  return inBounds(value) ? '' : `${name} must be ${kind} from ${low} to ${high}`
}

/** @param {unknown} types @returns {string[]} */
function faultsOfTypes(types) {
  const isType = (/** @type {TypeOnSale} */ type) =>
    typeof type?.name === 'string' &&
    type.weight > 0 &&
    (type.max_share === null || (type.max_share > 0 && type.max_share <= 1)) &&
    Object.keys(type).length === 3
  const holds = Array.isArray(types) && types.length > 0 && types.every(isType)
  return holds ? [] : ['types must be a list of name, weight above 0, and max_share above 0 up to 1 or null']
}

/** Name each figure by its path. @param {object} group @returns {Map<string, unknown>} */
export function flat(group, prefix = '') {
  const found = new Map()
  for (const [name, value] of Object.entries(group)) {
    if (isGroup(value)) for (const [path, figure] of flat(value, `${prefix}${name}.`)) found.set(path, figure)
    else found.set(`${prefix}${name}`, value)
  }
  return found
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isGroup(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
