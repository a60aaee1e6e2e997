-- Lists a date's exhausted shards: field, smallest refused quantity, and so on.
--
-- KEYS[1] the date's exhausted shards
return redis.call('HGETALL', KEYS[1])
