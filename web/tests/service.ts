/**
 * Real services for the browser: `boxoffice serve` on the PostgreSQL and the Redis that the environment names. The tests
 * of a worker share one; those that want other settings share another while they follow one another.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import process from 'node:process'

export const ADMIN_TOKEN = 'the-admin-token-of-the-browser-tests'
const READY_MS_MAX = 60_000
const PAUSE_MS = 50
// Not those of tests/ports.py, nor one that fetch takes for unsafe.
const PORTS = { least: 20_000, most: 32_000 }

export type Settings = Readonly<Record<string, string>>

/** A machine that stands still for seconds is no overload. */
const PATIENT: Settings = {
  BOXOFFICE_FLIGHT_WAIT_MS_MAX: '60000',
  BOXOFFICE_STATEMENT_MS_MAX: '60000',
  BOXOFFICE_REDIS_MS_MAX: '10000',
}

export class Service {
  readonly url: string
  readonly #port: number
  readonly #settings: Settings
  #process: ChildProcess | null = null
  #said = ''

  constructor(port: number, settings: Settings) {
    this.#port = port
    this.#settings = settings
    this.url = `http://127.0.0.1:${port}`
  }

  get running(): boolean {
    return this.#process !== null && this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** Start it; after `kill` again at the same address. Returns when it is ready. */
  async start(): Promise<void> {
    const python = given('PYTHON')
    const environment = { ...process.env, ...PATIENT, BOXOFFICE_ADMIN_TOKEN: ADMIN_TOKEN, ...this.#settings }
    const started = spawn(python, ['-m', 'boxoffice', 'serve', '--port', String(this.#port)], {
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    started.stdout.on('data', (said: Buffer) => (this.#said += said.toString()))
    started.stderr.on('data', (said: Buffer) => (this.#said += said.toString()))
    this.#process = started
    await this.#untilReady(started)
  }

  /** End it and its workers at once, as a machine that loses power would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Let it answer what it has begun, and end. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const running = this.#process
    this.#process = null
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return
    const ended = once(running, 'exit')
    process.kill(signal === 'SIGKILL' ? -running.pid : running.pid, signal)
    await ended
  }

  async #untilReady(started: ChildProcess): Promise<void> {
    const deadline = Date.now() + READY_MS_MAX
    while (!(await this.#isReady())) {
      if (started.exitCode !== null || Date.now() > deadline) throw new Error(`no service:\n${this.#said}`)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health/ready`)).ok
    } catch {
      return false
    }
  }
}

/** The usual service of a worker, and beside it at most one with other settings. */
export class Services {
  #usual: Service | null = null
  #other: { readonly kind: string; readonly service: Service } | null = null

  /** The one with these settings, started when it is first asked for. */
  async of(settings: Settings): Promise<Service> {
    const kind = JSON.stringify(settings)
    if (this.#other !== null && this.#other.kind !== kind) {
      await this.#other.service.stop()
      this.#other = null
    }
    if (Object.keys(settings).length === 0) return (this.#usual ??= await startService(settings))
    this.#other ??= { kind, service: await startService(settings) }
    return this.#other.service
  }

  async stop(): Promise<void> {
    await Promise.all([this.#usual?.stop(), this.#other?.service.stop()])
  }
}

/** A service on a free port, started. */
async function startService(settings: Settings): Promise<Service> {
  const service = new Service(await freePort(), settings)
  await service.start()
  return service
}

function given(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: these tests are run by pytest tests/browser`)
  return value
}

/** A port on which nothing listens now, below those that the system gives to outgoing connections. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.least, PORTS.most)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
