import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bucketOf } from '../buckets.js'

test('a bucket holds what is up to its bound and above the bound before', () => {
  const bounds = new Set()
  for (let microseconds = 1; microseconds <= 100_000; microseconds += 1) {
    const bound = bucketOf(microseconds)
    assert.ok(bound >= microseconds, `${microseconds} is above ${bound}`)
    assert.ok(bound <= Math.ceil(microseconds * 2 ** 0.1), `${microseconds} is far below ${bound}`)
    assert.equal(bucketOf(bound), bound)
    bounds.add(bound)
  }
  assert.ok(bounds.size < 150)
})

test('ten buckets double', () => {
  for (const bound of [1024, 32_768, 1_048_576, 33_554_432]) {
    assert.equal(bucketOf(bound), bound)
    assert.equal(bucketOf(bound + 1), Math.ceil(bound * 2 ** 0.1))
  }
})

test('what took no time, or a part of a microsecond, is in the first bucket', () => {
  for (const microseconds of [0, 0.2, 1]) assert.equal(bucketOf(microseconds), 1)
})
