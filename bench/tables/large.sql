-- Large tables: 100,000 events, 1,000,000 dates of one shard each, 2,000,000 reservations with 5,000,000 tickets.
--
-- Rows that refer to each other are made together, so the checks of each reference are left out while they are made.
ALTER DATABASE large SET session_replication_role = replica;
INSERT INTO ticket_type (name) VALUES ('Normal');
INSERT INTO events (name, max_tickets, num_shards, time_zone, next_date, next_starts_at)
    SELECT 'Event ' || n, 1000, 1, 'UTC', first, first + time '20:00'
    FROM generate_series(1, 100000) n, make_date(extract(year FROM now())::integer + 1, 1, 1) first;
INSERT INTO event_ticket_type (event_id, ticket_type_id, max_per_tt, num_of_shards_per_tt)
    SELECT e.id, t.id, 900, 1 FROM events e, ticket_type t;
INSERT INTO event_date (event_id, date, start_time, starts_at)
    SELECT e.id, e.next_date + n, '20:00', (e.next_date + n + time '20:00') AT TIME ZONE 'UTC'
    FROM events e, generate_series(0, 9) n ORDER BY e.id, n;
INSERT INTO consumption (event_id, date, start_time, shard_id, shard_current, shard_max)
    SELECT event_id, date, start_time, 0, 5, 1000 FROM event_date;
INSERT INTO consumption_tt (event_id, date, start_time, ticket_type, shard_id, shard_current, shard_max)
    SELECT d.event_id, d.date, d.start_time, t.id, 0, 5, 900 FROM event_date d, ticket_type t;
-- Two paid reservations a date, of two tickets and of three: the reference says which.
INSERT INTO reservation (event_id, id, date, start_time, payment_ref, created_at, expires_at, paid_at)
    SELECT event_id, uuidv7(), date, start_time, n, now(), now() + interval '1 minute', now()
    FROM event_date, generate_series(2, 3) n;
INSERT INTO tickets (event_id, id, date, start_time, ticket_type, reservation_id, shard_id, tt_shard_id)
    SELECT r.event_id, uuidv7(), r.date, r.start_time, t.id, r.id, 0, 0
    FROM reservation r, ticket_type t, generate_series(1, 3) n WHERE n <= r.payment_ref::integer;
ALTER DATABASE large RESET session_replication_role;
VACUUM ANALYZE;
CHECKPOINT;
