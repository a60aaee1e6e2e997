-- Tables of the ways in which others keep from overselling.
DROP SCHEMA IF EXISTS others CASCADE;
CREATE SCHEMA others;
CREATE TABLE others.counter (
    event_id bigint PRIMARY KEY, sold bigint NOT NULL, most bigint NOT NULL, CHECK (sold BETWEEN 0 AND most)
) WITH (fillfactor = 50);
CREATE TABLE others.reservation (
    event_id bigint, id uuid, created_at timestamptz NOT NULL, expires_at timestamptz NOT NULL,
    PRIMARY KEY (event_id, id)
);
CREATE TABLE others.ticket (
    event_id bigint, reservation_id uuid, id uuid,
    PRIMARY KEY (event_id, reservation_id, id),
    FOREIGN KEY (event_id, reservation_id) REFERENCES others.reservation (event_id, id)
);
CREATE TABLE others.seat (
    event_id bigint, number bigint, reservation_id uuid,
    PRIMARY KEY (event_id, number),
    FOREIGN KEY (event_id, reservation_id) REFERENCES others.reservation (event_id, id)
) WITH (fillfactor = 50);
