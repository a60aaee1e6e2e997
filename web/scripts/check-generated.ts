/** Fails when src/api/ is not what `npm run generate` makes of openapi.json. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import process from 'node:process'

const KEPT = 'src/api'

function filesOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath, entry.name))
  return new Map(paths.map((path) => [relative(folder, path), readFileSync(path, 'utf8')]))
}

function differences(kept: Map<string, string>, made: Map<string, string>): string[] {
  const names = new Set([...kept.keys(), ...made.keys()])
  return [...names].filter((name) => kept.get(name) !== made.get(name)).sort()
}

// Inside of the package, so that the generator finds the same tsconfig.json.
const made = mkdtempSync('node_modules/.generated-')
try {
  const environment = { ...process.env, GENERATED_PATH: made }
  const run = spawnSync(process.execPath, ['node_modules/@hey-api/openapi-ts/bin/run.js'], { env: environment })
  if (run.status !== 0) throw new Error(`the generator failed:\n${run.stdout}\n${run.stderr}`)
  const found = differences(filesOf(KEPT), filesOf(made))
  for (const name of found) console.error(`${KEPT}/${name} is not what the generator makes: npm run generate`)
  if (found.length > 0) process.exitCode = 1
} finally {
  rmSync(made, { recursive: true })
}
