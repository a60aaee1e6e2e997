-- Begins a full pass over a date: says which epoch it belongs to, and from when on its age is counted.
--
-- KEYS[1] the date's epoch
-- KEYS[2] the pass's own key; the life that is left of it is all the life that a mark of this pass can get
-- ARGV[1] the life of a mark, in ms
redis.call('SET', KEYS[2], '', 'PX', ARGV[1])
return {redis.call('GET', KEYS[1]) or '0'}
