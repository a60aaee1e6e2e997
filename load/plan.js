/** Artillery's `config`, made from settings: pure functions of values. */

import { OUTCOMES } from './answers.js'

/**
 * @typedef {import('./settings.js').Settings} Settings
 * @typedef {{ name: string, duration: number, arrivalRate: number, rampTo?: number, maxVusers: number }} Phase
 */

const FAULTS = new Set(['failed', 'malformed'])

/**
 * Return the service that is stormed: TARGET, else the one that `make run` starts.
 * @param {NodeJS.ProcessEnv} environment
 */
export function targetOf(environment) {
  return (environment.TARGET || 'http://127.0.0.1:8000').replace(/\/+$/, '')
}

/**
 * Return the phases of a storm, without those that take no time. Each is written as a ramp, also where its rate stays
 * the same: Artillery times ramps by the clock, but steady arrivals by asking the clock all the time, which keeps a
 * whole core busy, however few the arrivals are.
 * @param {Settings} settings @returns {Phase[]}
 */
export function phasesOf({ seconds, rates, buyers_max: maxVusers }) {
  const phases = [
    { name: 'warm-up', duration: seconds.warm_up, arrivalRate: rates.warm_up, rampTo: rates.warm_up },
    { name: 'ramp', duration: seconds.ramp, arrivalRate: rates.warm_up, rampTo: rates.rush },
    { name: 'rush', duration: seconds.rush, arrivalRate: rates.rush, rampTo: rates.rush },
    { name: 'plateau', duration: seconds.plateau, arrivalRate: rates.plateau, rampTo: rates.plateau },
    { name: 'sold out', duration: seconds.sold_out, arrivalRate: rates.sold_out, rampTo: rates.sold_out },
  ]
  return phases.filter((phase) => phase.duration > 0).map((phase) => ({ ...phase, maxVusers }))
}

/**
 * Return the one phase of the ceiling: more buyers than can be served.
 * @param {Settings} settings @returns {Phase[]}
 */
export function ceilingOf({ ceiling }) {
  return [{ name: 'ceiling', duration: ceiling.seconds, arrivalRate: ceiling.rate, maxVusers: ceiling.buyers_max }]
}

/** Return what `ensure` checks at the end: nothing at fault, and the latencies' bounds. @param {Settings} settings */
export function checksOf({ latency_ms_max: latencies }) {
  return {
    conditions: OUTCOMES.filter((outcome) => FAULTS.has(outcome)).map((outcome) => ({
      expression: `boxoffice.${outcome} == 0`,
    })),
    thresholds: Object.entries(latencies).map(([percentile, most]) => ({ [`boxoffice.latency.${percentile}`]: most })),
  }
}

/** @param {Settings} settings @param {string} target @param {Phase[]} phases @param {object} plugins */
export function configOf(settings, target, phases, plugins) {
  return {
    target,
    phases,
    variables: { weights: settings.weights },
    http: {
      pool: settings.connections,
      timeout: settings.timeout_seconds,
      defaults: { headers: { 'content-type': 'application/json', 'user-agent': 'Artillery (a storm of Boxoffice)' } },
    },
    plugins: { 'metrics-by-endpoint': { useOnlyRequestNames: true, suppressOutput: true }, ...plugins },
  }
}
