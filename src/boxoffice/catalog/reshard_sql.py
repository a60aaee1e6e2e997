"""The statements of catalog/reshard.py. All but the locks need the locks, and each names one event."""

from sqlalchemy import text

# Locks the event's dates.
LOCK_DATES = text("""
    WITH locked AS MATERIALIZED (
        SELECT FROM event_date WHERE event_id = :event_id ORDER BY date, start_time FOR NO KEY UPDATE
    )
    SELECT count(*) FROM locked
""")

# Locks all counters of the totals.
LOCK_TOTALS = text("""
    WITH locked AS MATERIALIZED (
        SELECT FROM consumption WHERE event_id = :event_id ORDER BY date, start_time, shard_id FOR NO KEY UPDATE
    )
    SELECT count(*) FROM locked
""")

# Locks all counters of the types.
LOCK_TYPES = text("""
    WITH locked AS MATERIALIZED (
        SELECT FROM consumption_tt WHERE event_id = :event_id
        ORDER BY date, start_time, ticket_type, shard_id
        FOR NO KEY UPDATE
    )
    SELECT count(*) FROM locked
""")

# Reads what each shard of the totals holds, one row a date.
READ_TOTALS = text("""
    SELECT c.date, c.start_time, array_agg(c.shard_current ORDER BY c.shard_id) AS currents
    FROM consumption c
    WHERE c.event_id = :event_id
    GROUP BY c.date, c.start_time
    ORDER BY c.date, c.start_time
""")

# Reads what each shard of one type holds, one row a date; none where the type is only now to be offered.
READ_TYPE = text("""
    SELECT d.date, d.start_time,
        coalesce(array_agg(c.shard_current ORDER BY c.shard_id) FILTER (WHERE c.shard_id >= 0), '{}') AS currents
    FROM event_date d
    LEFT JOIN consumption_tt c ON c.event_id = :event_id AND c.date = d.date AND c.start_time = d.start_time
        AND c.ticket_type = :ticket_type
    WHERE d.event_id = :event_id
    GROUP BY d.date, d.start_time
    ORDER BY d.date, d.start_time
""")

# Counts what is held and paid on the fullest date, of one type or (null) of all; overdue holds are no longer held.
COUNT_SOLD = text("""
    SELECT coalesce(max(of_date.sold), 0)
    FROM (
        SELECT count(*) AS sold
        FROM tickets t
        JOIN reservation r ON r.event_id = :event_id AND r.id = t.reservation_id
        WHERE t.event_id = :event_id
            AND (CAST(:ticket_type AS bigint) IS NULL OR t.ticket_type = CAST(:ticket_type AS bigint))
            AND (r.paid_at IS NOT NULL OR r.expires_at > clock_timestamp())
        GROUP BY t.date, t.start_time
    ) of_date
""")

# Gives the tickets of vanished shards to those that stay: shard k to k modulo their number, as spread.fold counts.
RELABEL = text("""
    UPDATE tickets t
    SET shard_id = t.shard_id % e.num_shards, tt_shard_id = t.tt_shard_id % o.num_of_shards_per_tt
    FROM events e, event_ticket_type o
    WHERE t.event_id = :event_id AND e.id = :event_id AND o.event_id = :event_id AND o.ticket_type_id = t.ticket_type
        AND (t.shard_id >= e.num_shards OR t.tt_shard_id >= o.num_of_shards_per_tt)
""")

# Writes counters of the totals, new or changed, current and maximum together.
WRITE_TOTALS = text("""
    INSERT INTO consumption (event_id, date, start_time, shard_id, shard_current, shard_max)
    SELECT d.event_id, d.date, d.start_time, n.shard_id, n.shard_current, n.shard_max
    FROM unnest(
        CAST(:dates AS date[]), CAST(:start_times AS time[]), CAST(:shards AS integer[]),
        CAST(:currents AS integer[]), CAST(:maxima AS integer[])
    ) AS n (date, start_time, shard_id, shard_current, shard_max)
    JOIN event_date d ON d.event_id = :event_id AND d.date = n.date AND d.start_time = n.start_time
    ON CONFLICT (event_id, date, start_time, shard_id) DO UPDATE
    SET shard_current = excluded.shard_current, shard_max = excluded.shard_max
""")

# Writes counters of one type, new or changed, current and maximum together.
WRITE_TYPE = text("""
    INSERT INTO consumption_tt (event_id, date, start_time, ticket_type, shard_id, shard_current, shard_max)
    SELECT d.event_id, d.date, d.start_time, :ticket_type, n.shard_id, n.shard_current, n.shard_max
    FROM unnest(
        CAST(:dates AS date[]), CAST(:start_times AS time[]), CAST(:shards AS integer[]),
        CAST(:currents AS integer[]), CAST(:maxima AS integer[])
    ) AS n (date, start_time, shard_id, shard_current, shard_max)
    JOIN event_date d ON d.event_id = :event_id AND d.date = n.date AND d.start_time = n.start_time
    ON CONFLICT (event_id, date, start_time, ticket_type, shard_id) DO UPDATE
    SET shard_current = excluded.shard_current, shard_max = excluded.shard_max
""")

# Removes the shards of the totals that vanished; their tickets have been re-labelled.
REMOVE_TOTALS = text("DELETE FROM consumption WHERE event_id = :event_id AND shard_id >= :num_shards")

# Removes the shards of one type that vanished; their tickets have been re-labelled.
REMOVE_TYPE = text("""
    DELETE FROM consumption_tt
    WHERE event_id = :event_id AND ticket_type = :ticket_type AND shard_id >= :num_shards
""")

# Tells every process that plans made for the dates are out of date.
RAISE_VERSIONS = text("UPDATE event_date SET version = version + 1 WHERE event_id = :event_id")
