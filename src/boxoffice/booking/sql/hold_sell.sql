-- Makes the tickets of a flight in a distributed database: the last of three steps of hold_in_steps.py.
--
-- $1 event_id
-- dates, each once: $2 dates, $3 start times
-- reservations: $4 ids, $5 which of the dates, counted from 1, $6 ids of those that were claimed
-- tickets, one element each: $7 ids, $8 reservation ids, $9 ticket types, $10 shards of the total, $11 shards of the type
--
-- Returns the tickets that were made.
--
-- Locks new rows only. All counters of the plan have moved by the step before, or nothing of this is reached.
INSERT INTO tickets (event_id, id, date, start_time, ticket_type, reservation_id, shard_id, tt_shard_id)
SELECT d.event_id, t.id, d.date, d.start_time, t.ticket_type, t.reservation_id, t.shard_id, t.tt_shard_id
FROM event_date d
JOIN unnest($2::date[], $3::time[]) WITH ORDINALITY AS k (date, start_time, number)
    ON d.date = k.date AND d.start_time = k.start_time
JOIN unnest($4::uuid[], $5::integer[]) AS w (id, number) ON w.number = k.number
JOIN unnest($7::uuid[], $8::uuid[], $9::bigint[], $10::integer[], $11::integer[])
    AS t (id, reservation_id, ticket_type, shard_id, tt_shard_id) ON t.reservation_id = w.id
WHERE d.event_id = $1 AND w.id = ANY ($6::uuid[])
RETURNING id
